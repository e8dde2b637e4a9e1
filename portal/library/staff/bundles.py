"""The library taken along as a ZIP; practices brought in from files, looked at first."""

from flask import Response, abort, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse

from portal.association.queries import today
from portal.core import files
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.search import index as search_index
from portal.core.states import Refused
from portal.core.web import see_other
from portal.library import bundles
from portal.library.staff import blueprint

FORM_ROOM = 2**16
STATES = {
    "new": "ok", "changed": "ok", "unchanged": "", "newer here": "needs", "conflict": "loss",
    "refused": "loss",
}  # fmt: skip


class BundleForm(PageForm):
    file = FileField(
        "File", description="A ZIP of Markdown files in folders by theme, or one of them; 25 MB.",
        validators=[FileRequired("Choose a file")],
    )  # fmt: skip


@blueprint.url_value_preprocessor
def allow_larger_files(endpoint: str | None, _values: object) -> None:
    """Before the form is read: this one page takes more than the others."""
    if endpoint == "library_staff.bundles" and current_user.is_authenticated:
        request.max_content_length = bundles.MOST + FORM_ROOM


@blueprint.get("/library.zip")
@requires(Permission.LIBRARY_WRITE)
def as_zip() -> Response:
    headers = {"Content-Disposition": f'attachment; filename="library-{today()}.zip"'}
    return Response(bundles.whole(), content_type="application/zip", headers=headers)


@blueprint.route("/files", methods=["GET", "POST"], endpoint="bundles")
@requires(Permission.LIBRARY_WRITE)
def bring() -> str:
    """Nothing is taken over yet: the page says what would become of each file."""
    form, outcomes = BundleForm(), None
    if form.validate_on_submit():
        body, name = form.file.data.read(), form.file.data.filename or "file"
        try:
            outcomes = bundles.take(body, name, is_trial=True)
            db.session.rollback()
        except Refused as refusal:
            db.session.rollback()
            form.file.errors = [str(refusal)]
        else:
            files.store().put(_key(), body)
            session["bundle"] = name
    return render_template(
        "library/staff_bundles.html", form=form, outcomes=outcomes, states=STATES,
        takes=sum(one.what in {"new", "changed"} for one in outcomes or []),
    )  # fmt: skip


@blueprint.post("/files/take")
@requires(Permission.LIBRARY_WRITE)
def take_bundle() -> AnyResponse:
    name = session.pop("bundle", None) or abort(404)
    outcomes = bundles.take(files.store().get(_key()), name, is_trial=False)
    db.session.commit()
    files.store().delete(_key())
    search_index.rebuild(lambda *_: None)
    done = sum(one.what in {"new", "changed"} for one in outcomes)
    words = f"{done} taken over, {len(outcomes) - done} left as they are."
    return see_other(url_for(".index"), words)


def _key() -> str:
    """One for each editor: a file that was looked at and left is overwritten by the next."""
    return f"bundle{current_user.id}.zip"
