"""People, and where they are or were affiliated, with which roles."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.actions import end_sessions_elsewhere
from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import clock
from portal.core.clock import ZONES
from portal.core.db import Model, db
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read, Record
from portal.exchange.kinds.finding import (
    FIRM_FIELDS,
    Firms,
    external_ids,
    external_ids_of,
    people_by,
)
from portal.exchange.plans import Plan, Seen, Staged
from portal.members.models import Affiliation, FirmRole, Organization, Seat, SeatWait
from portal.members.powers import ONE_ONLY

ROLE = cells.one_of(FirmRole)
OF_PERSON = {"name": "display_name", "phone": "phone", "zone": "zone"}
OF_AFFILIATION = ("roles", "title", "from_on", "until_on")


def roles(cell: str) -> list[str]:
    return sorted({ROLE(part).value for part in re.split(r"[,;|/]", cells.text(cell)) if part})


def phone(cell: str) -> str:
    """`+63 917 123 4567` as `+639171234567`."""
    found = re.sub(r"[\s().-]", "", cells.identifier(cell))
    if not re.fullmatch(r"\+?\d{4,20}", found):
        raise ValueError(f"“{found}” is no phone number: write it like +63 917 123 4567.")
    return found


def zone(cell: str) -> str:
    found = cells.text(cell)
    if found not in ZONES:
        raise ValueError(f"“{found}” is no time zone: write it like Asia/Manila.")
    return found


FIELDS = (
    Field("id", cells.row_id, ("person id",), is_fixed=True),
    Field("external_id", cells.identifier, ("contact number", "person number", "external id",
          "old id"), is_fixed=True),
    Field("email", cells.email, ("e mail", "mail", "email address", "e mail address"),
          is_fixed=True),
    Field("name", cells.text, ("full name", "display name", "person", "contact")),
    Field("phone", phone, ("telephone", "mobile", "phone number")),
    Field("zone", zone, ("time zone", "timezone")),
    *FIRM_FIELDS,
    Field("roles", roles, ("role", "firm roles")),
    Field("title", cells.text, ("job title", "position", "function")),
    Field("from_on", cells.day, ("from", "since", "start", "first day"), is_fixed=True),
    Field("until_on", cells.day, ("until", "to", "end", "last day")),
)  # fmt: skip


class PeopleRows:
    """Some rows of people beside those who are here and where they are affiliated."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        records = [one.record for one in reads]
        self.by_email, self.by_id = people_by(records)
        self.theirs = external_ids("person", {one.get("external_id", "") for one in records})
        self.external = external_ids_of("person", self.by_id)
        self.firms = Firms()
        self.firms.load(records)
        self.at: dict[int, list[Affiliation]] = defaultdict(list)
        firm_ids = list(self.firms.by_id)
        held = select(Affiliation).where(Affiliation.organization_id.in_(firm_ids))
        held = held.options(joinedload(Affiliation.person))
        for one in db.session.scalars(held.order_by(Affiliation.id)):
            self.at[one.organization_id].append(one)

    def stage(self, read: Read) -> Staged:
        record = read.record
        person, conflicts = self._person(record)
        answer = self.firms.find(record) if _names_firm(record) else None
        firm = answer.firm if answer else None
        if answer and answer.conflict:
            conflicts.append(Problem(answer.field, answer.conflict))
        held = self._held(person, firm, record)
        errors = _missing(read, person, firm, held)
        if firm and not conflicts:
            conflicts += self._roles_taken(firm, held, record)
        is_new = person is None or (firm is not None and held is None)
        who = record.get("email") or (person.email if person else f"line {read.line}")
        names: list[Any] = [("at", who, firm.id if firm else None, record.get("from_on"))]
        if firm and _is_open(record, held):
            wanted = record.get("roles", held.roles if held else [])
            names += [(role.value, firm.id) for role in ONE_ONLY if role in wanted]
        ignored = {"id", "email", *(one.name for one in FIRM_FIELDS)}
        if firm is None:
            ignored |= set(OF_AFFILIATION)
        current = self._current(person, held)
        ignored = ignored - {"email"} if person is None else ignored
        return Staged(record.get("name") or who, current, is_new, (person, firm, held), names,
                      conflicts, errors, frozenset(ignored))  # fmt: skip

    def _person(self, record: Record) -> tuple[Person | None, list[Problem]]:
        ours, theirs = record.get("id"), self.theirs.get(record.get("external_id", ""))
        number = ours or theirs
        column = "id" if ours else "external_id"
        if ours and ours not in self.by_id:
            return None, [Problem("id", f"There is no person {ours} here.")]
        by_number, email = self.by_id.get(number or 0), record.get("email")
        by_email = self.by_email.get(email or "")
        if by_number and email and by_number.email != email:
            return by_number, [Problem(column, f"{by_number.display_name} is here with another "
                               "address: people change theirs themselves.")]  # fmt: skip
        return by_number or by_email, []

    def _held(
        self, person: Person | None, firm: Organization | None, record: Record
    ) -> Affiliation | None:
        """The affiliation that the row is about: of the same first day, else the open one."""
        if person is None or firm is None:
            return None
        mine = [one for one in self.at[firm.id] if one.person is person]
        same = [one for one in mine if one.from_on == record.get("from_on")]
        same.sort(key=lambda one: one.until_on != record.get("until_on"))
        if same:
            return same[0]
        if "from_on" in record and "until_on" in record:
            return None
        return next((one for one in mine if one.until_on is None), None)

    def _roles_taken(
        self, firm: Organization, held: Affiliation | None, record: Record
    ) -> list[Problem]:
        """One delegate and one alternate; and the last roster manager stays."""
        is_open = _is_open(record, held)
        wanted = set(record.get("roles", held.roles if held else []))
        others = [one for one in self.at[firm.id] if one.until_on is None and one is not held]
        found = [
            Problem("roles", f"{firm.name} has another {role.value}: take that role away first.")
            for role in ONE_ONLY
            if is_open and role in wanted and any(role in one.roles for one in others)
        ]
        manager = FirmRole.ROSTER_MANAGER
        was = held is not None and held.until_on is None and manager in held.roles
        stays = is_open and manager in wanted
        if was and not stays and not any(manager in one.roles for one in others):
            found.append(Problem("roles", f"{firm.name} would have no roster manager left."))
        return found

    def _current(self, person: Person | None, held: Affiliation | None) -> Record:
        found: Record = {}
        if person:
            found = {name: getattr(person, column) for name, column in OF_PERSON.items()}
            if person.id in self.external:
                found["external_id"] = self.external[person.id]
        if held:
            found |= {name: getattr(held, name) for name in OF_AFFILIATION}
        return found

    def write(self, plan: Plan) -> list[Model]:
        person, firm, held = plan.staged.found
        values = plan.values
        made: list[Model] = []
        if held and set(held.roles) - set(values.get("roles", held.roles)):
            end_sessions_elsewhere(person)
        if person is None:
            person = Person(email=values["email"], display_name="", created_at=clock.now())
            self.by_email[person.email] = person
            made.append(person)
        if firm and held is None:
            held = Affiliation(
                person=person, organization=firm, roles=[FirmRole.STAFF.value], title="",
                from_on=today(),
            )  # fmt: skip
            self.at[firm.id].append(held)
            made.append(held)
        _set(
            person, {column: values[name] for name, column in OF_PERSON.items() if name in values}
        )
        if held:
            _set(held, {name: values[name] for name in OF_AFFILIATION if name in values})
        plan.touched = [one for one in (person, held) if one and one not in made]
        if held and held in plan.touched and "until_on" in values:
            plan.touched += _unseat(held)
        db.session.add_all(made)
        if "external_id" in values:
            plan.external = ("person", values["external_id"], person)
        return made


def _unseat(affiliation: Affiliation) -> list[Model]:
    """Who left keeps no seat and waits for none; what this changed."""
    seats = select(Seat).filter_by(affiliation_id=affiliation.id, until_on=None)
    waits = select(SeatWait).filter_by(affiliation_id=affiliation.id, ended_at=None)
    found: list[Model] = []
    for seat in db.session.scalars(seats):
        seat.until_on = today()
        found.append(seat)
    for wait in db.session.scalars(waits):
        wait.ended_at = clock.now()
        found.append(wait)
    return found


def _set(row: Model, values: Record) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _names_firm(record: Record) -> bool:
    return any(one.name in record for one in FIRM_FIELDS)


def _is_open(record: Record, held: Affiliation | None) -> bool:
    return (record.get("until_on") or (held.until_on if held else None)) is None


def _missing(
    read: Read, person: Person | None, firm: Organization | None, held: Affiliation | None
) -> list[Problem]:
    record, found = read.record, []
    if person is None:
        found = [
            Problem(name, f"A new person needs their {what}.")
            for name, what in (("email", "e-mail address"), ("name", "name"))
            if read.lacks(name)
        ]
    first = record.get("from_on") or (held.from_on if held else None)
    if firm and "until_on" in record and first is None:
        found.append(Problem("from_on", "An affiliation that ended needs its first day."))
    if first and "until_on" in record and record["until_on"] < first:
        found.append(Problem("until_on", "The last day is before the first."))
    return found
