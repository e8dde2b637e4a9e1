"""What the search finds of people: by their colleagues and by staff, by nobody else."""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core.access import Permission
from portal.core.db import db
from portal.core.merging import merged_away
from portal.core.search import Document
from portal.members.models import Affiliation, FirmRole
from portal.members.queries.people import affiliation_of
from portal.members.words import ROLE_NAMES

STAFF = "people:staff"


def person_documents(only: int | None = None) -> Iterable[Document]:
    """Everybody who works at a firm now, once.

    What they do there is said of those who work at one firm alone: no firm reads of another.
    """
    query = (
        select(Affiliation)
        .join(Affiliation.person)
        .where(Affiliation.until_on.is_(None), Person.disabled_at.is_(None))
        .where(Person.id.not_in(merged_away(Person)))
        .options(joinedload(Affiliation.person), joinedload(Affiliation.organization))
        .order_by(Affiliation.person_id, Affiliation.id)
    )
    if only is not None:
        query = query.where(Affiliation.person_id == only)
    for _, found in groupby(db.session.scalars(query), lambda one: one.person_id):
        yield _document(list(found))


def _document(places: list[Affiliation]) -> Document:
    person, firms = places[0].person, {_at(one.organization_id) for one in places}
    return Document(
        key=f"person:{person.id}", kind="person", title=person.display_name,
        summary=_words(places[0]) if len(places) == 1 else "", body="", url=f"/people/{person.id}",
        audience=frozenset({STAFF, *firms}),
    )  # fmt: skip


def _words(one: Affiliation) -> str:
    roles = ", ".join(ROLE_NAMES[FirmRole(role)] for role in one.roles)
    title = f"{one.title}, " if one.title else ""
    return f"{title}{one.organization.name} ({roles})"


def people_audiences(reader: Person) -> set[str]:
    """Staff find everybody, others their colleagues where they act now."""
    found = {STAFF} if reader.may(Permission.FIRMS_READ) else set()
    mine = affiliation_of(reader) if reader.may(Permission.FIRM_READ) else None
    return found | ({_at(mine.organization_id)} if mine else set())


def still_there(person_ids: set[int]) -> set[int]:
    """Those of these people who work at a firm now."""
    query = select(Affiliation.person_id).join(Affiliation.person)
    query = query.where(Affiliation.person_id.in_(person_ids), Affiliation.until_on.is_(None))
    return set(db.session.scalars(query.where(Person.disabled_at.is_(None))))


def _at(organization_id: int) -> str:
    return f"firm:{organization_id}"
