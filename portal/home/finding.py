"""The search over everything: who may find what, and the kinds of result."""

from typing import Any

from portal.accounts.models import Person
from portal.committees.queries import committees_of
from portal.library.queries import audiences as reading_audiences

KINDS = {
    "practice": "Practices",
    "attachment": "Files",
    "measure": "Bills",
    "event": "Events",
    "firm": "Members",
    "committee_note": "Committee notes",
}


class _Visitor:
    is_authenticated = False


def audiences(person: Person | Any | None) -> frozenset[str]:
    """Everything a person may find: as a reader, and as a member of committees."""
    if person is None or not person.is_authenticated:
        return reading_audiences(_Visitor())
    mine = {f"committee:{one.slug}" for one in committees_of(person)}
    return reading_audiences(person) | mine
