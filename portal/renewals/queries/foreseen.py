"""All that the next 90 days bring to memberships, whatever it follows from; and to their roles."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.members import attesting
from portal.members.models import Affiliation, Attestation, Vacancy
from portal.members.powers import ATTESTED
from portal.members.terms import add_months
from portal.renewals.ahead import Coming, Kind, coming
from portal.renewals.queries import ahead
from portal.renewals.queries.ladders import ladders_over_time

ROLES = {role: role.value.replace("_", " ") for role in ATTESTED}
LONGEST = timedelta(days=ahead.DAYS + 1)  # twelve months are a day more in a leap year
WITH = contains_eager(Affiliation.organization), contains_eager(Affiliation.person)


def foreseen(day: date) -> list[Coming]:
    """In order; in as many statements, however many firms there are."""
    charges, ladders = ahead.charges_known(), ladders_over_time()
    known = ahead.memberships_known(day, charges)
    more = [
        *ahead.of_cards(charges, day), *ahead.of_parts(day), *ahead.of_early_days(day),
        *ahead.of_overlays(day), *of_roles(day), *of_vacancies(day),
    ]  # fmt: skip
    unpaid = ahead.unpaid_known(day, charges, ladders)
    return coming(known, unpaid, day, ahead.DAYS, more, ladders)


def of_roles(day: date) -> Iterator[Coming]:
    """When each holder of a role that is confirmed yearly is asked, and when it counts no more."""
    last = select(func.max(Attestation.on)).where(Attestation.affiliation_id == Affiliation.id)
    since = func.coalesce(last.scalar_subquery(), Affiliation.from_on)
    earliest = add_months(day, -attesting.EVERY) - timedelta(days=attesting.UNATTESTED + 1)
    query = (
        select(Affiliation, since)
        .join(Affiliation.organization)
        .join(Affiliation.person)
        .where(Affiliation.until_on.is_(None))
        .where(since.between(earliest, add_months(day, -attesting.EVERY) + LONGEST))
        .options(*WITH)
    )
    for one, on in db.session.execute(query):
        roles = [ROLES[role] for role in ATTESTED if role in one.roles]
        if roles:
            yield from _of_holder(one, attesting.due_on(on), " and ".join(roles))


def _of_holder(one: Affiliation, due: date, roles: str) -> Iterator[Coming]:
    firm, name = one.organization, one.person.display_name
    for step in attesting.STEPS:
        why = f"{roles.capitalize()}: it is confirmed every {attesting.EVERY} months"
        what = f"{name} is asked to confirm a role" if not step else f"{name} is asked once more"
        yield Coming(due + timedelta(days=step), firm.name, what, why, firm.id, Kind.ROLE)
    what = f"The role of {name} counts as not confirmed"
    why = f"{roles.capitalize()}: nobody answered for {attesting.UNATTESTED} days"
    on = due + timedelta(days=attesting.UNATTESTED)
    yield Coming(on, firm.name, what, why, firm.id, Kind.ROLE)


def of_vacancies(day: date) -> Iterator[Coming]:
    """The last day on which a firm fills a role by itself; then one of us calls."""
    soon = Vacancy.due_on.between(day, day + timedelta(days=ahead.DAYS))
    query = select(Vacancy).where(Vacancy.filled_on.is_(None), soon)
    for one in db.session.scalars(query.options(joinedload(Vacancy.organization))):
        what = f"Last day to name a new {one.role.value.replace('_', ' ')}"
        yield Coming(
            one.due_on, one.organization.name, what, one.why, one.organization_id, Kind.VACANCY
        )
