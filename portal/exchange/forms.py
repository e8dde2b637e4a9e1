"""Forms of what goes out and comes in."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length

from portal.core.forms import PageForm
from portal.exchange.models import ImportMode

FORMATS = {"xlsx": "XLSX, for a spreadsheet", "csv": "CSV, for other software"}
MODES = {
    ImportMode.WHOLE.value: "All rows, or none if one fails",
    ImportMode.ROWS.value: "The good rows; rows with a problem are left out",
}


def stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class ExportForm(PageForm):
    what = RadioField("What", validators=[DataRequired("Choose what to export")])
    form = RadioField("As", choices=FORMATS, default="xlsx")
    purpose = StringField(
        "What for", description="Kept in the record with your name and the number of rows.",
        filters=[stripped],
        validators=[DataRequired("Say what the data is for"), Length(max=200)],
    )  # fmt: skip

    def __init__(self, choices: dict[str, str], **named: Any) -> None:
        super().__init__(**named)
        self.what.choices = choices


class UploadForm(PageForm):
    kind = RadioField("What the file holds", validators=[DataRequired("Choose what it holds")])
    file = FileField(
        "File",
        description="CSV or XLSX, the headings in the first row; at most 10 MB and 100,000 rows.",
        validators=[DataRequired("Choose a file")], render_kw={"accept": ".csv,.xlsx,.txt"},
    )  # fmt: skip

    def __init__(self, choices: Any, **named: Any) -> None:
        super().__init__(**named)
        self.kind.choices = choices


class RunForm(PageForm):
    mode = RadioField("Which rows", choices=MODES, default=ImportMode.WHOLE.value)


class UndoForm(PageForm):
    pass
