"""Writing, reviewing and publishing practices."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.core import markdown
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.library import actions, queries
from portal.library.differences import changed_lines
from portal.library.forms import MoveForm, PracticeForm
from portal.library.models import Practice, PracticeStatus
from portal.library.taxonomy import label

blueprint = Blueprint("library_staff", __name__, url_prefix="/staff/library")

MOVES = {
    PracticeStatus.IN_REVIEW: "Send to review",
    PracticeStatus.DRAFT: "Return to draft",
    PracticeStatus.PUBLISHED: "Publish",
    PracticeStatus.ARCHIVED: "Archive",
    PracticeStatus.WITHDRAWN: "Withdraw",
}
TAKEN = "Another practice has this address: choose another one"


@blueprint.get("/")
@requires(Permission.LIBRARY_WRITE)
def index() -> str:
    status, text = request.args.get("status", ""), request.args.get("q", "").strip()
    page = paginate(queries.for_staff(status, text))
    return render_template(
        "library/staff_index.html",
        page=page,
        status=status,
        text=text,
        statuses=PracticeStatus,
        label=label,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def new() -> str | Response:
    form = PracticeForm()
    if form.validate_on_submit() and "preview" not in request.form:
        try:
            practice = actions.start(
                form.slug.data, form.front(), form.body.data, current_user._get_current_object()
            )
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.slug.errors = [TAKEN]
        else:
            return see_other(url_for(".show", practice_id=practice.id), "The draft is kept.")
    return render_template(
        "library/staff_write.html", form=form, practice=None, shown=_preview(form), overtaken=None
    )


@blueprint.route("/<int:practice_id>/edit", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def edit(practice_id: int) -> str | Response:
    practice = find(Practice, id=practice_id)
    form = PracticeForm(data=_as_form(practice))
    overtaken = _overtaken(form, practice)
    if form.validate_on_submit() and "preview" not in request.form and not overtaken:
        try:
            practice.slug = form.slug.data
            author = current_user._get_current_object()
            actions.revise(practice, form.front(), form.body.data, form.change_note.data, author)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.slug.errors = [TAKEN]
        else:
            words = f"Version {practice.version} is kept."
            return see_other(url_for(".show", practice_id=practice.id), words)
    return render_template(
        "library/staff_write.html",
        form=form,
        practice=practice,
        shown=_preview(form),
        overtaken=overtaken,
    )


def _overtaken(form: PracticeForm, practice: Practice) -> dict[str, Any] | None:
    """What somebody else kept while this editor wrote; the next "Keep" goes over it knowingly."""
    if request.method != "POST" or str(form.version.data) == str(practice.version):
        return None
    form.version.data = str(practice.version)
    facts = form.front().items()
    return {
        "revision": practice.revisions[0],
        "lines": list(changed_lines(practice.body, form.body.data or "")),
        "keys": [key for key, one in facts if (practice.front.get(key) or None) != (one or None)],
    }


def _preview(form: PracticeForm) -> markdown.Rendered | None:
    asked = request.method == "POST" and "preview" in request.form
    return markdown.render(form.body.data or "") if asked else None


def _as_form(practice: Practice) -> dict[str, Any]:
    """The stored practice as the form's first values; the note of the next version is empty."""
    interest = practice.front.get("interest") or {}
    return {
        **practice.front,
        "slug": practice.slug,
        "version": practice.version,
        "body": practice.body,
        "change_note": "",
        "interest_author": interest.get("author", ""),
        "interest_paid_by": interest.get("paid_by", ""),
        "interest_sells": interest.get("sells", ""),
    }


@blueprint.route("/<int:practice_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def show(practice_id: int) -> str | Response:
    practice = find(Practice, id=practice_id)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            new = PracticeStatus(request.form.get("to", ""))
            actions.move(practice, new, form.reason.data or "")
            db.session.commit()
        except ValueError:
            form.form_errors.append("Choose what to do with the practice.")
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            words = f"“{practice.title}” is now {new.value.replace('_', ' ')}."
            return see_other(url_for(".show", practice_id=practice.id), words)
    moves = [(to, MOVES[to]) for to in MOVES if practice.status.may_become(to)]
    return render_template(
        "library/staff_show.html",
        practice=practice,
        form=form,
        moves=moves,
        text=markdown.render(practice.body),
        label=label,
        history=queries.history(practice),
    )
