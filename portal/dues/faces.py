"""What an invoice looks like from outside: derived from its sums and a day, never stored."""

import enum
from dataclasses import dataclass
from datetime import date

from portal.core.money import Money


@dataclass(frozen=True)
class Sums:
    """Minor units of one invoice: still owed, paid, credited."""

    balance: int
    paid: int
    credited: int


class Face(enum.StrEnum):
    OPEN = "open"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDITED = "credited"

    @property
    def is_owed(self) -> bool:
        return self in {Face.OPEN, Face.PART_PAID, Face.OVERDUE}


def face_of(sums: Sums, due_on: date, today: date) -> Face:
    """The face on a day; the due day itself is not overdue."""
    if sums.balance > 0:
        if today > due_on:
            return Face.OVERDUE
        return Face.PART_PAID if sums.paid else Face.OPEN
    return Face.CREDITED if sums.credited else Face.PAID


def in_words(face: Face, sums: Sums, currency: str, days_late: int = 0) -> str:
    """`Overdue by 12 days, EUR 500.00 paid so far`."""
    paid = Money(sums.paid, currency)
    so_far = f"{paid} paid so far" if sums.paid else "nothing paid yet"
    days = f"{days_late} day{'' if days_late == 1 else 's'}"
    return {
        Face.OPEN: f"Open, {so_far}",
        Face.PART_PAID: f"Partly paid, {so_far}",
        Face.OVERDUE: f"Overdue by {days}, {so_far}",
        Face.PAID: "Paid",
        Face.CREDITED: "Taken back by a credit note",
    }[face]


ATTEMPT_WORDS = {
    "created": "Being asked for", "open": "Waiting for the payer", "unknown": "Being looked into",
    "processing": "Being confirmed", "requires_action": "The bank wants to ask the payer",
    "succeeded": "Paid", "failed": "Not charged", "expired": "Page expired",
    "cancelled": "Not charged",
}  # fmt: skip


def attempt_words(status: str) -> str:
    return ATTEMPT_WORDS[status]
