"""What the people of firms did: seats that are short, ways to a firm, a role that nobody holds."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from portal.core.db import db
from portal.demo.seed.firms import NAMED, Step, World, at
from portal.members import actions
from portal.members.models import Affiliation, Attestation, FirmRole, Organization
from portal.members.queries import affiliation_of, holders

DUE = {"rival": 372, "committee": 390}  # demo account -> days since the last word
BUSY = NAMED["manager"][0]


def roster_steps(world: World) -> Iterator[Step]:
    """In the order of time when sorted; nothing here draws from the dice of the others."""
    yield at(world.today - timedelta(days=60)), lambda: _attest(world)
    yield at(world.today - timedelta(days=24)), lambda: _ways(world)
    yield at(world.today - timedelta(days=20)), lambda: _second_firms(world)
    yield at(world.today - timedelta(days=10)), lambda: _leave(world)
    yield at(world.today - timedelta(days=3)), lambda: _ask(world)


def _attest(world: World) -> None:
    """Most people said this year that they hold their role; a few are to be asked."""
    ids = {world.people[account].id: days for account, days in DUE.items()}
    for one in db.session.scalars(select(Affiliation).order_by(Affiliation.id)):
        days = ids.get(one.person_id, 30 + one.id * 7 % 250)
        said_on = world.today - timedelta(days=days)
        db.session.add(Attestation(affiliation_id=one.id, by_id=one.person_id, on=said_on))


def _busy(world: World) -> Organization:
    return world.firms[BUSY]


def _ways(world: World) -> None:
    """The busy firm's proven domain and its code."""
    firm = _busy(world)
    domain = "-".join(BUSY.lower().split()[:2]) + ".example"
    made = actions.add_domain(firm, domain, "postmaster", is_open=False)
    actions.prove_domain(made, "mail to the domain’s own mailbox")
    actions.new_code(firm, most=20, days=60)


def _second_firms(world: World) -> None:
    """People of other firms who also work at the busy one: more than it has seats."""
    firm, free = _busy(world), 7
    for name in sorted(world.firms):
        person = world.staff_of.get(name, [None])[-1]
        is_named = person in world.people.values()
        if person and name != BUSY and not is_named and free > len(world.staff_of[BUSY]):
            actions.affiliate(person, firm, [FirmRole.STAFF])
            world.staff_of[BUSY].append(person)


def _leave(world: World) -> None:
    """At a firm of several, the one who held every role says that they left."""
    for name in sorted(world.staff_of):
        people = [one for one in world.staff_of[name] if one not in world.people.values()]
        held = affiliation_of(people[0]) if len(people) > 1 else None
        if name != BUSY and held and held.organization.name == name and _holds_all(held):
            actions.leave(held)
            return


def _holds_all(held: Affiliation) -> bool:
    roles = (FirmRole.ROSTER_MANAGER, FirmRole.DUES_CONTACT, FirmRole.DELEGATE)
    return all(
        role in held.roles and not holders(held.organization_id, role, but=held.id)
        for role in roles
    )


def _ask(world: World) -> None:
    """Somebody asks to join by the code."""
    firm, names = _busy(world), sorted(world.firms)
    person = next(
        one for name in reversed(names) for one in world.staff_of.get(name, [])
        if name != BUSY and one not in world.people.values() and one not in world.staff_of[BUSY]
    )  # fmt: skip
    actions.ask_to_join(person, firm, "code")
