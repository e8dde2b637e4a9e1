"""The search over everything: who may find what, and the kinds of result."""

from typing import Any

from portal.accounts.models import Person
from portal.library.queries import audiences as reading_audiences
from portal.members.queries.found import people_audiences

KINDS = {
    "practice": "Practices",
    "attachment": "Files",
    "measure": "Bills",
    "event": "Events",
    "firm": "Members",
    "person": "People",
    "committee_note": "Committee notes",
}


class _Visitor:
    is_authenticated = False


def audiences(person: Person | Any | None) -> frozenset[str]:
    """Everything a person may find: as a reader, in a firm, on committees."""
    if person is None or not person.is_authenticated:
        return reading_audiences(_Visitor())
    return reading_audiences(person) | people_audiences(person)
