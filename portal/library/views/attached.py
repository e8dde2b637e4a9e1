"""Files of a practice: fetched by whoever may read it, attached and removed by editors."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.core import files
from portal.core.access import Permission, public, requires
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.library import attachments, queries
from portal.library.models import Attachment, Practice

blueprint = Blueprint("library_files", __name__)
FORM_ROOM = 2**16  # of the words around the file
NOTES = {
    "queued": "its text is being read",
    "ok": "searchable",
    "partial": "searchable in part: it is longer than what we read",
    "failed": "not searchable: its text could not be read",
    "no_text": "not searchable: it holds no text that can be read (a scan, a picture, or locked)",
}


class FileForm(PageForm):
    file = FileField(
        "File", description="PDF, DOCX, XLSX, PPTX, ODT, CSV, PNG or JPEG, up to 25 MB.",
        validators=[FileRequired("Choose a file")],
    )  # fmt: skip
    title = StringField(
        "Title", description="What readers see and the file is called when it is fetched.",
        filters=[lambda text: text.strip() if text else text],
        validators=[DataRequired("Give the file a title"), Length(max=120)],
    )  # fmt: skip


@blueprint.url_value_preprocessor
def allow_larger_files(endpoint: str | None, _values: object) -> None:
    """Before the form is read: this one page takes more than the others."""
    if endpoint == "library_files.index" and current_user.is_authenticated:
        request.max_content_length = attachments.MOST + FORM_ROOM


@blueprint.get("/library/files/<int:attachment_id>")
@public
def download(attachment_id: int) -> Response:
    one = find(Attachment, id=attachment_id)
    known = queries.readable(one.practice.slug, current_user)
    if known is None or not queries.may_read(known, current_user):
        abort(404)
    body = files.store().get(one.key)
    attachments.count_download(one)
    name = attachments.file_name(one)
    response = Response(body, content_type=one.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.route("/staff/library/<int:practice_id>/files", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def index(practice_id: int) -> str | AnyResponse | tuple[str, int]:
    practice, form, code = find(Practice, id=practice_id), FileForm(), 200
    if form.validate_on_submit():
        try:
            body, name = form.file.data.read(), form.file.data.filename or ""
            attachments.refuse_names(practice, body, name)
            attachments.attach(practice, body, name, form.title.data or "")
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.file.errors = [str(refusal)]
            code = 413 if isinstance(refusal, attachments.TooLarge) else 200
        else:
            return see_other(url_for(".index", practice_id=practice.id), "The file is attached.")
    page = render_template(
        "library/staff_files.html",
        practice=practice,
        form=form,
        kind_of=attachments.kind_of,
        notes=NOTES,
        downloads=attachments.downloads(),
    )
    return page, code


@blueprint.post("/staff/library/files/<int:attachment_id>/remove")
@requires(Permission.LIBRARY_WRITE)
def remove(attachment_id: int) -> AnyResponse:
    one = find(Attachment, id=attachment_id)
    key, title, practice_id = one.key, one.title, one.practice_id
    attachments.remove(one)
    db.session.commit()
    files.store().delete(key)
    return see_other(url_for(".index", practice_id=practice_id), f"“{title}” is removed.")
