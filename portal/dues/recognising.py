"""Whether a bank line is money that staff noted before: it came, or they sent it back. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.core.filters import day
from portal.core.money import Money
from portal.dues.matching import ALIKE, Came, Ground, Proposal, likeness

BEFORE = 7  # days that a bank line may be older than the day that staff noted
LONGEST = 35  # days from a cheque's day to its bank line; a transfer takes a week at most
FIGURES = re.compile(r"\d{5,}")  # the number of a cheque, or a bank's own reference
DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Entered:
    """A payment, or a refund, that staff noted and no statement showed yet."""

    id: int
    how: str  # transfer, cheque, cash
    money: Money
    on: date
    days: int  # until its bank line may come
    payer: str
    organization_id: int | None
    numbers: Sequence[str]  # the invoices that it pays
    note: str

    @property
    def words(self) -> str:
        return f"the {self.how} that was entered by hand for {day(self.on)}"


def recognise(came: Came, on: date, text: str, entered: Sequence[Entered]) -> Proposal | None:
    """The payment that the line most likely is: by what it names, by its payer, or alone."""
    found = _likeliest(came, on, text, entered)
    if found is None:
        return None
    how, one, ground, confidence = found
    why = {
        "named": f"It names what {one.words} pays or says: the same money, booked already.",
        "theirs": f"It is as much as {one.words}, of the same payer: booked already, it seems.",
        "alone": f"Only {one.words} has this amount near this day: it may be booked already.",
    }
    return Proposal(ground, confidence, why[how], payment_id=one.id)


def recognise_refund(left: Came, on: date, text: str, sent: Sequence[Entered]) -> Proposal | None:
    """The refund that a line shows which left: by what it names, by its payee, or alone."""
    found = _likeliest(left, on, text, sent)
    if found is None:
        return None
    how, one, ground, confidence = found
    why = {
        "named": f"It names what was paid before, and the refund of {day(one.on)} is as much.",
        "theirs": f"It went to {one.payer}, and the refund of {day(one.on)} is as much.",
        "alone": f"Only the refund of {day(one.on)} has this amount near this day.",
    }
    return Proposal(ground, confidence, why[how], refund_id=one.id)


def _likeliest(
    came: Came, on: date, text: str, those: Sequence[Entered]
) -> tuple[str, Entered, Ground, int] | None:
    """How it was found, which it is, and how sure that is, from 0 to 100."""
    near = _nearest(came, on, those)
    named = [one for one in near if _names(came, text, one)]
    if named:
        return "named", *_surest(came, named)
    theirs = [one for one in near if _is_theirs(came, one)]
    if theirs and len({one.payer for one in theirs}) == 1:
        return "theirs", theirs[0], Ground.KNOWN_HOLDER, 78
    if len(near) == 1 and not (came.counterparty or came.numbers):
        return "alone", near[0], Ground.NAME, 50
    return None


def _nearest(came: Came, on: date, those: Sequence[Entered]) -> list[Entered]:
    near = [one for one in those if one.money == came.money and _is_near(one, on)]
    return sorted(near, key=lambda one: (abs((on - one.on).days), one.id))


def _is_near(one: Entered, on: date) -> bool:
    return -BEFORE <= (on - one.on).days <= one.days


def _names(came: Came, text: str, one: Entered) -> bool:
    """An invoice that the payment pays; a number of its note, where no invoice is named.

    A day is no number.
    """
    if came.numbers:
        return bool(set(came.numbers) & set(one.numbers))
    return bool(figures(text) & figures(one.note))


def _surest(came: Came, named: Sequence[Entered]) -> tuple[Entered, Ground, int]:
    """Where somebody else stands on the line, a number of a note is no more than likely."""
    sure = [one for one in named if came.numbers or not came.counterparty or _is_theirs(came, one)]
    if sure:
        return sure[0], Ground.REFERENCE, 100
    return named[0], Ground.KNOWN_HOLDER, 78


def figures(text: str) -> set[str]:
    """The long numbers in a text, days left out."""
    return {one for one in FIGURES.findall(text) if not DAY.fullmatch(one)}


def _is_theirs(came: Came, one: Entered) -> bool:
    if came.numbers and not set(came.numbers) & set(one.numbers):
        return False
    known = len(came.holders) == 1 and one.organization_id in came.holders
    return known or likeness(came.counterparty, one.payer) >= ALIKE


def rather(booked: Proposal | None, pays: Proposal) -> Proposal:
    """Which of the two to say: that the line was booked before, or what it would pay.

    Where both are certain nothing is: the line may be a second payment of the same amount.
    """
    if booked is None or booked.confidence < pays.confidence:
        return pays
    if pays.ground is Ground.REFERENCE:
        why = f"{booked.why} Or it is a second payment: so much is still owed."
        return replace(booked, ground=Ground.KNOWN_HOLDER, confidence=90, why=why)
    return booked
