"""What an invoice looks like from outside: derived from its sums and a day, never stored."""

import enum
from dataclasses import dataclass
from datetime import date

from portal.core.money import Money


@dataclass(frozen=True)
class Sums:
    """Minor units: owed, paid, credited, written off, void; disputed of what is paid.

    `instalments` is how many parts the plan has that is kept to.
    """

    balance: int
    paid: int
    credited: int
    written_off: int = 0
    disputed: int = 0
    voided: int = 0
    instalments: int = 0

    def takes_all(self, total_minor: int) -> bool:
        """Whether nothing of the claim stands: it was credited whole, or is void."""
        return self.credited + self.voided >= total_minor


class Face(enum.StrEnum):
    OPEN = "open"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDITED = "credited"
    SETTLED_MIXED = "settled_mixed"
    WRITTEN_OFF = "written_off"
    DISPUTED = "disputed"
    VOID = "void"

    @property
    def is_owed(self) -> bool:
        return self in {Face.OPEN, Face.PART_PAID, Face.OVERDUE}


def face_of(sums: Sums, due_on: date, today: date) -> Face:
    """The face on a day; the due day itself is not overdue. What is owed comes first."""
    if sums.balance > 0:
        if today > due_on:
            return Face.OVERDUE
        return Face.PART_PAID if sums.paid else Face.OPEN
    if sums.voided:
        return Face.VOID
    if sums.disputed:
        return Face.DISPUTED
    if sums.written_off:
        return Face.WRITTEN_OFF
    if sums.credited:
        return Face.SETTLED_MIXED if sums.paid else Face.CREDITED
    return Face.PAID


def in_words(face: Face, sums: Sums, currency: str, days_late: int = 0) -> str:
    """`Overdue by 12 days, EUR 500.00 paid so far`."""
    paid = Money(sums.paid, currency)
    so_far = f"{paid} paid so far" if sums.paid else "nothing paid yet"
    if sums.disputed:
        so_far += f", {Money(sums.disputed, currency)} of it disputed"
    days = f"{days_late} day{'' if days_late == 1 else 's'}"
    return {
        Face.OPEN: f"Open, {so_far}",
        Face.PART_PAID: f"Partly paid, {so_far}",
        Face.OVERDUE: f"Overdue by {days}, {so_far}",
        Face.PAID: "Paid",
        Face.CREDITED: "Taken back by a credit note",
        Face.SETTLED_MIXED: f"Settled, {paid} paid and the rest taken back by credit note",
        Face.WRITTEN_OFF: f"Written off, {so_far}",
        Face.DISPUTED: f"Paid but disputed, {Money(sums.disputed, currency)} at the payer's bank",
        Face.VOID: "Void, it claims nothing",
    }[face]


ATTEMPT_WORDS = {
    "created": "Being asked for", "open": "Waiting for the payer", "unknown": "Being looked into",
    "processing": "Being confirmed", "requires_action": "The bank wants to ask the payer",
    "succeeded": "Paid", "failed": "Not charged", "expired": "Page expired",
    "cancelled": "Not charged",
}  # fmt: skip


def attempt_words(status: str) -> str:
    return ATTEMPT_WORDS[status]
