"""A practice begun with the text of a Word document."""

from flask import flash, render_template
from flask_wtf.file import FileField, FileRequired

from portal.core.access import Permission, requires
from portal.core.forms import PageForm
from portal.core.states import Refused
from portal.library import word
from portal.library.forms import PracticeForm
from portal.library.front_matter import kebab
from portal.library.staff import blueprint
from portal.library.staff.writing import to_write


class WordForm(PageForm):
    document = FileField(
        "Word document", validators=[FileRequired("Choose a document")],
        description="A .docx, up to 10 MB. Headings, lists, tables and links come along, "
        "pictures do not.",
    )  # fmt: skip


@blueprint.route("/from-word", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def from_word() -> str:
    """The form of a new practice holds the text then; nothing is kept yet."""
    form = WordForm()
    if form.validate_on_submit():
        try:
            sent = form.document.data
            found = word.read(sent.read(), sent.filename or "")
        except Refused as refusal:
            form.document.errors = [str(refusal)]
        else:
            flash(_what_came(found), "ok")
            return _to_write(found)
    return render_template("library/staff_word.html", form=form)


def _to_write(found: word.Written) -> str:
    facts = {"title": found.title, "slug": kebab(found.title, 80), "body": found.body}
    return to_write(PracticeForm(formdata=None, data=facts), is_draft=False)


def _what_came(found: word.Written) -> str:
    left = " Its pictures are left out: attach them later." if found.pictures else ""
    return f"The text is in the form below; nothing is kept yet.{left}"
