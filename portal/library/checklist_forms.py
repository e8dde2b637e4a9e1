"""What a filled checklist sends, item by item; and the forms around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from portal.accounts.models import Person
from portal.core.clock import FIRST_DAY, LAST_DAY, is_reckoned
from portal.core.forms import PageForm
from portal.library.checklists import Item
from portal.library.models import Answer
from portal.library.runs import Said

LONGEST = 2000
ANSWERS = {
    Answer.YES: "Yes", Answer.NO: "No", Answer.NA: "Not applicable", Answer.OPEN: "Open",
}  # fmt: skip


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class StartForm(PageForm):
    title = StringField(
        "Name", description="What your colleagues know it by, like “Cebu site, March”.",
        filters=[_stripped], validators=[DataRequired("Give it a name"), Length(max=120)],
    )  # fmt: skip


class PeopleForm(StartForm):
    owner = SelectField("Owner", coerce=int)
    helpers = SelectMultipleField(
        "Who fills it with the owner", coerce=int,
        description="Your colleagues may read it anyway. People of a firm of the same owner see "
        "it only if they are chosen here.",
    )  # fmt: skip

    def offer(self, people: Mapping[int, str]) -> None:
        self.owner.choices = list(people.items())
        self.helpers.choices = list(people.items())


class EvidenceForm(PageForm):
    file = FileField(
        "File", description="PDF, DOCX, XLSX, PPTX, ODT, CSV, PNG or JPEG, up to 10 MB.",
        validators=[FileRequired("Choose a file")],
    )  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What was typed for one item, as it was typed."""

    answer: str
    note: str = ""
    owner: str = ""
    due: str = ""
    seen: str = ""  # the mark of what the form had shown


@dataclass
class Sent:
    """What a form said of the items that it had; a fault is words for the item."""

    typed: dict[str, Typed] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def read(form: Mapping[str, str], found: Iterable[Item], people: Iterable[Person]) -> Sent:
    """Items that the form does not name are left alone."""
    sent, numbers = Sent(), {str(one.id): one.id for one in people}
    for item in found:
        key = item.key
        if f"{key}-seen" not in form:
            continue
        typed = Typed(
            form.get(f"{key}-answer", "open"),
            form.get(f"{key}-note", "").replace("\r\n", "\n").strip(),
            *(form.get(f"{key}-{name}", "").strip() for name in ("owner", "due", "seen")),
        )
        sent.typed[key] = typed
        try:
            sent.said[key] = _said(typed, numbers)
        except ValueError as fault:
            sent.faults[key] = str(fault)
    return sent


def _said(typed: Typed, numbers: Mapping[str, int]) -> Said:
    if typed.answer not in set(Answer):
        raise ValueError("Choose yes, no, not applicable or open")
    if len(typed.note) > LONGEST:
        raise ValueError(f"Use {LONGEST:,} characters or fewer for the note")
    if typed.owner and typed.owner not in numbers:
        raise ValueError("Choose somebody who fills this checklist")
    owner_id = numbers[typed.owner] if typed.owner else None
    return Said(Answer(typed.answer), typed.note, owner_id, _day(typed.due))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("Enter the day it is due, like 2026-11-22") from None
    if found and not is_reckoned(found):
        raise ValueError(f"Enter a day from {FIRST_DAY} to {LAST_DAY}")
    return found
