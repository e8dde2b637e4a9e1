"""Writing a practice: a new one, and the next version of one that is here."""

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.core import markdown
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.library import actions, drafts, sharing, steps
from portal.library.differences import in_words, passages
from portal.library.forms import PracticeForm
from portal.library.forms.facts import as_fields
from portal.library.models import Practice
from portal.library.snippets import SNIPPETS, appended
from portal.library.staff import blueprint, locked

LONGEST = 60_000  # characters of a text
TAKEN = "Another practice has this address: choose another one"


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def new() -> str | Response:
    form = _form(None)
    if _is_kept(form):
        try:
            practice = actions.start(form.slug.data, form.front(), form.body.data, _me())
            practice.sponsor_id = form.sponsor_id
            drafts.drop(None, _me())
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.slug.errors = [TAKEN]
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return see_other(url_for(".show", practice_id=practice.id), "The draft is kept.")
    return _page(form, None, None)


@blueprint.route("/<int:practice_id>/edit", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def edit(practice_id: int) -> str | Response:
    is_post = request.method == "POST"
    practice = locked(practice_id) if is_post else find(Practice, id=practice_id)
    form = _form(practice)
    overtaken = _overtaken(form, practice)
    if _is_kept(form) and not overtaken:
        try:
            actions.move_to(practice, form.slug.data)
            practice.sponsor_id = form.sponsor_id
            front = form.front(practice.front)
            actions.revise(practice, front, form.body.data, form.change_note.data, _me())
            drafts.drop(practice, _me())
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.slug.errors = [TAKEN]
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            words = f"Version {practice.version} is kept."
            return see_other(url_for(".show", practice_id=practice.id), words)
    return _page(form, practice, overtaken)


def _me() -> Any:
    return current_user._get_current_object()


def _form(practice: Practice | None) -> PracticeForm:
    """What was sent; else the editor's draft, where it is asked for; else what stands."""
    draft = drafts.mine(practice, _me()) if "draft" in request.args else None
    if request.method == "GET" and draft:
        form = PracticeForm(formdata=MultiDict(draft.facts))
    else:
        form = PracticeForm(data=_as_form(practice) if practice else None)
    if "insert" in request.form:
        form.body.data = appended(form.body.data or "", request.form["insert"])
    return form


def _is_kept(form: PracticeForm) -> bool:
    """True of a whole form that was sent to be kept, not to be looked at or written further."""
    is_look = any(name in request.form for name in ("preview", "insert", "more"))
    return not is_look and bool(form.validate_on_submit())


def _page(form: PracticeForm, practice: Practice | None, overtaken: Any) -> str:
    if request.method == "POST":
        _keep_draft(form, practice)
    is_draft = request.method == "POST" or "draft" in request.args
    return to_write(form, practice, overtaken, is_draft=is_draft)


def to_write(
    form: PracticeForm, practice: Practice | None = None, overtaken: Any = None, *, is_draft: bool
) -> str:
    """The page to write on, with what is in the form."""
    form.add_rows(request.form.get("more", ""))
    return render_template(
        "library/staff_write.html",
        form=form,
        practice=practice,
        shown=_preview(form),
        overtaken=overtaken,
        draft=drafts.mine(practice, _me()),
        is_draft=is_draft,
        others=drafts.others(practice, _me()),
        snippets=SNIPPETS,
    )


def _keep_draft(form: PracticeForm, practice: Practice | None) -> str:
    """Keep what was typed beside the practice; the words where it cannot be."""
    facts = request.form.to_dict(flat=False) | {"body": [form.body.data or ""]}
    try:
        drafts.keep(practice, _me(), facts)
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        return str(refusal)
    except IntegrityError:  # the same editor, from two windows at once
        db.session.rollback()
    return ""


@blueprint.post("/new/draft", defaults={"practice_id": 0})
@blueprint.post("/<int:practice_id>/draft")
@requires(Permission.LIBRARY_WRITE)
def autosave(practice_id: int) -> str:
    """Every ten seconds, from the page itself; nothing is written while nothing changed."""
    practice = find(Practice, id=practice_id) if practice_id else None
    form, words = PracticeForm(), ""
    if drafts.mine(practice, _me()) or _differs(form, practice):
        words = _keep_draft(form, practice)
    return render_template(
        "library/_saved.html", draft=drafts.mine(practice, _me()), words=words,
        others=drafts.others(practice, _me()),
    )  # fmt: skip


@blueprint.post("/new/draft/drop", defaults={"practice_id": 0})
@blueprint.post("/<int:practice_id>/draft/drop")
@requires(Permission.LIBRARY_WRITE)
def drop_draft(practice_id: int) -> Response:
    practice = find(Practice, id=practice_id) if practice_id else None
    drafts.drop(practice, _me())
    db.session.commit()
    there = url_for(".edit", practice_id=practice.id) if practice else url_for(".new")
    return see_other(there, "The draft is thrown away.")


@blueprint.post("/preview")
@requires(Permission.LIBRARY_WRITE)
def preview() -> str:
    """The text as readers would see it, while it is typed."""
    text = markdown.render(request.form.get("body", "")[:LONGEST])
    return render_template("library/_preview.html", text=text)


def _differs(form: PracticeForm, practice: Practice | None) -> bool:
    """Was anything typed that is not what stands?"""
    if practice is None:
        return bool(form.title.data or form.body.data or form.summary.data)
    text = (form.body.data or "").strip()
    return (
        bool(_changed(form, practice))
        or text != practice.body.strip()
        or form.slug.data != practice.slug
    )


def _changed(form: PracticeForm, practice: Practice) -> list[str]:
    """Keys of front matter that the form gives otherwise than they stand."""
    front = form.front(practice.front).items()
    return [
        key for key, one in front
        if in_words(one or None) != in_words(practice.front.get(key) or None)
    ]  # fmt: skip


def _overtaken(form: PracticeForm, practice: Practice) -> dict[str, Any] | None:
    """What somebody else kept while this editor wrote; the next "Keep" goes over it knowingly."""
    if request.method != "POST" or str(form.version.data) == str(practice.version):
        return None
    form.version.data = str(practice.version)
    return {
        "revision": practice.revisions[0],
        "passages": passages(practice.body, form.body.data or ""),
        "keys": _changed(form, practice),
    }


def _preview(form: PracticeForm) -> markdown.Rendered | None:
    asked = request.method == "POST" and "preview" in request.form
    return markdown.render(form.body.data or "") if asked else None


def _as_form(practice: Practice) -> dict[str, Any]:
    """The stored practice as the form's first values; the note of the next version is empty."""
    interest = practice.front.get("interest") or {}
    return {
        **practice.front,
        **as_fields(practice.front),
        "slug": practice.slug,
        "visibility": sharing.words_of(practice),
        "version": practice.version,
        "body": practice.body,
        "change_note": "",
        "reply_party": steps.party(practice.front),
        "sponsor": practice.sponsor.name if practice.sponsor else "",
        "interest_author": interest.get("author", ""),
        "interest_paid_by": interest.get("paid_by", ""),
        "interest_sells": interest.get("sells", ""),
    }
