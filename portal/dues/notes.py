"""What a paper of dues says beside its sum: the part for lobbying, and the way out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.core.money import Money
from portal.dues.languages import WORDS, amount_in, day_in, known
from portal.dues.lobbying import part_for_lobbying
from portal.dues.rules import exact
from portal.members.leaving import Leaving


@dataclass(frozen=True)
class Notes:
    """`lobbying_text` is the tariff's own sentence, for a country whose law asks for one."""

    lobbying_minor: int = 0
    lobbying_text: str = ""
    notice_until_on: date | None = None  # the last day to say that one leaves
    leaves_on: date | None = None  # with this day, then


NONE = Notes()


def notes_of(book: dict[str, Any], dues_minor: int, leaving: Leaving | None) -> Notes:
    """Of dues that a tariff asks, in minor units, and the way out of the term that they pay."""
    percent = exact(book.get("lobbying_percent") or 0, "percent")
    notes = Notes(part_for_lobbying(dues_minor, percent), book.get("lobbying_text") or "")
    if leaving is None:
        return notes
    until, last = leaving.notice_until_on, leaving.leaves_on
    return replace(notes, notice_until_on=until, leaves_on=last)


def sentences(notes: Notes, currency: str, language: str) -> list[str]:
    """As a paper in that language says it; what does not concern it is left out."""
    return list(_said(notes, currency, known(language)))


def _said(notes: Notes, currency: str, speaks: str) -> Iterator[str]:
    words = WORDS[speaks]
    if notes.lobbying_minor > 0:
        text = notes.lobbying_text or words["lobbying"]
        yield text.replace("{amount}", amount_in(Money(notes.lobbying_minor, currency), speaks))
    if notes.notice_until_on and notes.leaves_on:
        by, last = day_in(notes.notice_until_on, speaks), day_in(notes.leaves_on, speaks)
        yield words["leaving"].format(by=by, last=last)
