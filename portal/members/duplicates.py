"""Which records may be of one firm, or of one person. Nothing is attached by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import current_id, ids_of, merged_away
from portal.members.likeness import Facts, facts_of, why_alike
from portal.members.models import Affiliation, Organization
from portal.members.queries import members_among

FIRST_LETTERS = 3  # names are compared with those that begin alike


@dataclass(frozen=True)
class Candidate:
    firm: Organization
    why: str


@dataclass(frozen=True)
class Pair:
    """Two records and why they may be one; the older is likelier to stay."""

    one: Organization | Person
    other: Organization | Person
    why: str


def _facts(firm: Organization) -> Facts:
    return facts_of(
        firm.country, firm.registration_no, firm.name, firm.website, firm.billing_email
    )


def _firms(*conditions: ColumnElement[bool]) -> list[Organization]:
    query = select(Organization).where(Organization.id.not_in(merged_away(Organization)))
    return list(db.session.scalars(query.where(*conditions).order_by(Organization.id)))


def candidates(told: Facts, *, but: int | None = None) -> list[Candidate]:
    """The firms that somebody who tells this may be already, for staff; `but` is their own."""
    columns = Organization.website, Organization.billing_email
    near = [
        column.icontains(domain, autoescape=True) for domain in told.domains for column in columns
    ]
    firms = _firms(or_(Organization.country == told.country, *near))
    found = [(firm, why_alike(told, _facts(firm))) for firm in firms if firm.id != but]
    return [Candidate(firm, why) for firm, why in found if why]


def may_be_member(told: Facts) -> bool:
    """True when a firm that everybody sees in the directory may be the one that applies."""
    return bool(members_among({one.firm.id for one in candidates(told)}))


def firm_pairs() -> list[Pair]:
    """Every two firms that may be one, each pair once, by name; one statement."""
    found: dict[tuple[int, int], Pair] = {}
    facts = [(firm, _facts(firm)) for firm in _firms()]
    for bucket in _buckets(facts):
        for (one, told), (other, said) in combinations(bucket, 2):
            why = why_alike(told, said)
            if why and told.country == said.country:
                found.setdefault((one.id, other.id), Pair(one, other, why))
    return sorted(found.values(), key=lambda pair: _name(pair.one).casefold())


def _name(row: Organization | Person) -> str:
    return row.name if isinstance(row, Organization) else row.display_name


def _buckets(
    facts: Iterable[tuple[Organization, Facts]],
) -> Iterator[list[tuple[Organization, Facts]]]:
    """Only firms that share a number, a domain or the beginning of a name are compared."""
    found: dict[str, list[tuple[Organization, Facts]]] = {}
    for firm, told in facts:
        keys = {f"name:{told.name[:FIRST_LETTERS]}", *(f"domain:{one}" for one in told.domains)}
        for key in {*keys, *([f"number:{told.number}"] if told.number else [])}:
            found.setdefault(f"{told.country}:{key}", []).append((firm, told))
    yield from (bucket for bucket in found.values() if len(bucket) > 1)


def person_pairs() -> list[Pair]:
    """Two people of one firm whose names are the same; one statement."""
    mine, theirs, other = aliased(Affiliation), aliased(Affiliation), aliased(Person)
    gone = merged_away(Person)
    query = (
        select(Person, other)
        .join(mine, (mine.person_id == Person.id) & mine.until_on.is_(None))
        .join(theirs, theirs.organization_id == mine.organization_id)
        .join(other, (other.id == theirs.person_id) & theirs.until_on.is_(None))
        .where(func.lower(Person.display_name) == func.lower(other.display_name))
        .where(Person.id < other.id, Person.id.not_in(gone), other.id.not_in(gone))
        .order_by(Person.display_name, Person.id, other.id)
    )
    return [Pair(*row, "same name at one firm") for row in db.session.execute(query)]


def merged_into(firm_id: int) -> list[Organization]:
    """The records that are only other names of this firm now."""
    numbers = ids_of(Organization, firm_id) - {firm_id}
    query = select(Organization).where(Organization.id.in_(numbers)).order_by(Organization.id)
    return list(db.session.scalars(query)) if numbers else []


def firm_by_number(country: str, number: str) -> Organization | None:
    """The firm with a registration number, however it is written; the one that stays if merged."""
    wanted = facts_of(country, number, "").number
    query = select(Organization).where(Organization.country == country)
    found = [one for one in db.session.scalars(query) if wanted and _facts(one).number == wanted]
    return firm_under(found[0].id) if found else None


def firm_under(number: int) -> Organization | None:
    """The firm that our number names, as an import does: the one that stays if it was merged."""
    return db.session.get(Organization, current_id(Organization, number))
