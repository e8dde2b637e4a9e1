"""Changes to the people of a firm: who is there, with which roles. The caller commits."""

from collections.abc import Callable, Iterable

from sqlalchemy import select, update

from portal.accounts.actions import end_sessions_elsewhere
from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, mail
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.members import attesting, queries
from portal.members.actions.seats import end_seats, seat_or_queue, seat_the_next
from portal.members.models import Affiliation, Attestation, FirmRole, Organization, Vacancy
from portal.members.powers import ALWAYS, ATTESTED, ONE_ONLY, powers_of
from portal.members.words import ROLE_NAMES
from portal.notices.actions import mail_once, once

# What a room does when somebody leaves a firm; their place there is closed already.
leavings: list[Callable[[Affiliation], None]] = []


def affiliate(
    person: Person, organization: Organization, roles: Iterable[str], title: str = ""
) -> Affiliation:
    """Put a person into a firm; one who is there already gets the roles as well.

    They get a seat, or a place in the queue. Raises `Refused` when a role that one person holds
    is taken.
    """
    open_one = select(Affiliation).where(
        Affiliation.person_id == person.id, Affiliation.organization_id == organization.id,
        Affiliation.until_on.is_(None),
    )  # fmt: skip
    found = db.session.scalars(open_one).one_or_none()
    is_new = found is None
    if found is None:
        found = Affiliation(
            person=person, organization=organization, roles=[], from_on=today(), title=title
        )
        db.session.add(found)
        db.session.flush()
    change_roles(found, {*found.roles, *roles})
    if is_new:
        seat_or_queue(found)
    return found


def change_roles(
    affiliation: Affiliation, roles: Iterable[str], successor: Affiliation | None = None
) -> None:
    """Give exactly these roles; `successor` takes over those that a firm is never without.

    Raises `Refused` when a colleague holds one that is single, or when nobody would hold one that
    a firm always has.
    """
    wanted, before = {FirmRole(role) for role in roles} or {FirmRole.STAFF}, set(affiliation.roles)
    hold_firm(affiliation.organization_id)
    for role in wanted & set(ONE_ONLY):
        for other in queries.holders(affiliation.organization_id, role, but=affiliation.id):
            raise Refused(
                f"{other.person.display_name} is the firm's {role}: take that role away first."
            )
    _hand_over(affiliation, {role for role in ALWAYS if role in before - wanted}, successor)
    affiliation.roles = sorted(wanted)
    db.session.flush()
    index.changed("person", affiliation.person_id)
    gained, lost = wanted - before, before - wanted
    if gained & set(ATTESTED):
        _note_attested(affiliation)
    _fill(affiliation.organization_id, gained)
    _open_vacancies(affiliation, lost, "The role was taken away")
    if powers_of(before) - powers_of(wanted):
        end_sessions_elsewhere(affiliation.person)
    audit.record("affiliation.roles", affiliation, roles=affiliation.roles)


def hold_firm(organization_id: int) -> None:
    """Nobody else changes who acts for it until the caller commits."""
    db.session.get_one(Organization, organization_id, with_for_update=True)


def _hand_over(
    affiliation: Affiliation, roles: Iterable[FirmRole], successor: Affiliation | None
) -> None:
    """Roles that a firm always has go to the successor. Raises `Refused` without one."""
    last = [
        role for role in roles
        if not queries.holders(affiliation.organization_id, role, but=affiliation.id)
    ]  # fmt: skip
    if not last:
        return
    if successor is None or successor.id == affiliation.id:
        names = " and a ".join(ROLE_NAMES[role].lower() for role in last)
        raise Refused(f"A firm needs a {names}: say which colleague takes over.")
    change_roles(successor, {*successor.roles, *last} - {FirmRole.STAFF})


def end_affiliation(affiliation: Affiliation, successor: Affiliation | None = None) -> None:
    """A colleague left, as the firm says; raises `Refused` when a role would have nobody."""
    hold_firm(affiliation.organization_id)
    _hand_over(affiliation, [role for role in ALWAYS if role in affiliation.roles], successor)
    _close(affiliation, "the firm said so")


def leave(affiliation: Affiliation) -> None:
    """The person says that they left: nothing holds them; what they held is to be given again."""
    hold_firm(affiliation.organization_id)
    _close(affiliation, "the person said so")


def _close(affiliation: Affiliation, why: str) -> None:
    """They keep their account, and lose what the firm gave them: seat, roles, its papers."""
    affiliation.until_on = today()
    db.session.flush()
    index.changed("person", affiliation.person_id)
    end_seats(affiliation)
    end_sessions_elsewhere(affiliation.person)
    audit.record("affiliation.ended", affiliation, person=affiliation.person_id, why=why)
    _open_vacancies(affiliation, affiliation.roles, "Who held it left")
    seat_the_next(affiliation.organization_id)
    for leaving in leavings:
        leaving(affiliation)


def _open_vacancies(affiliation: Affiliation, roles: Iterable[str], why: str) -> None:
    for role in attesting.DEADLINES:
        if role in set(roles) and not queries.holders(affiliation.organization_id, role):
            open_vacancy(affiliation.organization, role, why)


def open_vacancy(
    organization: Organization, role: FirmRole, why: str, unreached: Affiliation | None = None
) -> None:
    """The firm has until a day to give a role again; those who can are told.

    `unreached` holds it still, and their mail comes back. Where no mail reaches anybody of the
    firm, staff call it sooner.
    """
    open_one = select(Vacancy.id).filter_by(
        organization_id=organization.id, role=role, filled_on=None
    )
    if db.session.scalar(open_one) is not None:
        return
    day, asked = today(), queries.askable(organization)
    deadline = attesting.DEADLINES[role]
    made = Vacancy(
        organization=organization, role=role, why=why, opened_on=day, unreached=unreached,
        due_on=day + (deadline if asked else min(deadline, attesting.UNREACHABLE)),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("vacancy.opened", made, role=role.value, firm=organization.name, why=why)
    _tell_of(made, asked)


def _tell_of(vacancy: Vacancy, asked: Iterable[Person | str]) -> None:
    subject, firm = f"vacancy:{vacancy.id}", vacancy.organization
    for one in asked:
        if isinstance(one, Person):
            key = f"{subject}:{one.id}"
            mail_once(key, "members/vacancy", one, subject, vacancy=vacancy, firm=firm)
        elif once(subject, "members/vacancy", subject):
            mail.queue("members/vacancy", to=one, vacancy=vacancy, firm=firm)


def _fill(organization_id: int, roles: Iterable[str]) -> None:
    mine = update(Vacancy).where(Vacancy.organization_id == organization_id)
    mine = mine.where(
        Vacancy.filled_on.is_(None), Vacancy.role.in_([FirmRole(one) for one in roles])
    )
    db.session.execute(mine.values(filled_on=today()))


def attest(affiliation: Affiliation) -> None:
    """“I am still at the firm and hold this role”: good for a year from today."""
    if not set(affiliation.roles) & set(ATTESTED):
        raise Refused("You hold no role that is confirmed every year.")
    _note_attested(affiliation, by_id=affiliation.person_id)
    _fill(affiliation.organization_id, affiliation.roles)
    audit.record("affiliation.attested", affiliation, roles=affiliation.roles)


def _note_attested(affiliation: Affiliation, by_id: int | None = None) -> None:
    """Nobody attests a role that is given today: that it is given is enough."""
    db.session.add(Attestation(affiliation_id=affiliation.id, by_id=by_id, on=today()))
    db.session.flush()


def note_unattested(affiliation: Affiliation) -> None:
    """Nobody confirmed in time: the roles that a firm must have are open until somebody does."""
    audit.record("affiliation.unattested", affiliation, roles=affiliation.roles)
    for role in set(affiliation.roles) & set(ATTESTED) & set(attesting.DEADLINES):
        why = "Who holds it did not confirm it"
        open_vacancy(affiliation.organization, FirmRole(role), why)
