"""Two records of one firm, or of one person, become one; the old number leads on for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from portal.accounts import tokens
from portal.accounts.actions import end_sessions
from portal.accounts.models import Person, RecoveryCode, RoleGrant
from portal.core import audit, clock, merging
from portal.core.db import Model, db
from portal.core.search import index
from portal.core.states import Refused
from portal.members.models import Membership, Organization, Term
from portal.members.queries import group_of
from portal.members.terms import TermDates
from portal.members.twins import join_firms, join_people, seat_the_joined

FIELDS = {
    "name": "Name", "registration_no": "Registration number", "tax_id": "Tax id",
    "address": "Address", "website": "Website", "billing_email": "Invoices to",
    "purchase_order": "Purchase order", "language": "Language of invoices",
    "headcount": "People", "place_id": "Place", "paid_by": "Dues paid by",
}  # fmt: skip
# They stay with the old number: they say to whose group its old figures count.
STAY = frozenset({"group_memberships"})


@dataclass(frozen=True)
class Difference:
    field: str
    label: str
    kept: str
    lost: str


def differences(keep: Organization, lose: Organization) -> list[Difference]:
    """What the two say differently, for a choice by field."""
    return [
        Difference(name, label, _shown(keep, name), _shown(lose, name))
        for name, label in FIELDS.items()
        if getattr(keep, name) != getattr(lose, name)
    ]


def _shown(firm: Organization, name: str) -> str:
    if name == "paid_by":
        return str(firm.paid_by.get("name") or "the firm itself")
    value = firm.place.name if name == "place_id" and firm.place else getattr(firm, name)
    return str(value) if value not in {None, ""} else "nothing"


def moves(model: type[Model], lost_id: int) -> list[tuple[str, int, bool]]:
    """What points at the one that goes: the table in words, how much, and whether it stays."""
    return [
        (table.replace("_", " "), count, merging.stays(table) or table in STAY)
        for table, count in sorted(merging.counted(model, lost_id).items())
    ]


def firm_objections(keep: Organization, lose: Organization) -> list[str]:
    """Why these two firms cannot be merged now; nothing when they can."""
    found = [*_already(Organization, keep.id, lose.id), *_terms_overlap(keep, lose)]
    if keep.country != lose.country:
        found.append("They are registered in different countries: that makes two legal firms.")
    mine, theirs = group_of(keep.id), group_of(lose.id)
    if (mine and mine.id) != (theirs and theirs.id):
        found.append(
            f"They are of different groups: record first that {lose.name} belongs to "
            f"{mine.name if mine else 'the group of ' + keep.name}, so that the votes are right."
        )
    return [*found, *_said(Organization, keep.id, lose.id)]


def _already(model: type[Model], keep_id: int, lose_id: int) -> list[str]:
    if keep_id == lose_id:
        return ["These are the same record."]
    gone = merging.winners(model)
    return ["One of them was merged already."] if {keep_id, lose_id} & gone.keys() else []


def _said(model: type[Model], keep_id: int, lose_id: int) -> list[str]:
    asked = merging.objections.get(model.__tablename__, ())
    return [words for objection in asked if (words := objection(keep_id, lose_id))]


def _terms(firm_id: int) -> Sequence[Term]:
    query = select(Term).join(Term.membership).where(Membership.organization_id == firm_id)
    shown = joinedload(Term.membership)
    return db.session.scalars(
        query.where(Term.cancelled_at.is_(None)).options(shown).order_by(Term.start_on)
    ).all()


def _terms_overlap(keep: Organization, lose: Organization) -> list[str]:
    theirs = [(one.membership.kind, _span(one.dates()), one) for one in _terms(lose.id)]
    for mine in _terms(keep.id):
        first, last = _span(mine.dates())
        for kind, (start, end), term in theirs:
            if kind is mine.membership.kind and first <= end and start <= last:
                return [
                    f"Both are members of one class on the same days, from {max(first, start)} "
                    f"to {min(last, end)}: end the term of {lose.name} that began on "
                    f"{term.start_on}, and credit what was paid twice."
                ]
    return []


def _span(dates: TermDates) -> tuple[Any, Any]:
    return dates.start, min(dates.end, dates.ended_early_on or dates.end)


def merge_firms(
    keep: Organization, lose: Organization, chosen: Mapping[str, str], reason: str
) -> None:
    """Make two records one: all that may change moves, the rest is found under both numbers.

    `chosen` says for each field that differs whether the value is "kept" or "lost". The caller
    commits. Raises `Refused` with every objection.
    """
    for number in sorted({keep.id, lose.id}):
        db.session.get_one(Organization, number, with_for_update=True)
    objections = firm_objections(keep, lose)
    if objections:
        raise Refused(" ".join(objections))
    before = _take_fields(keep, lose, chosen)
    keep_id, lose_id = keep.id, lose.id
    join_firms(keep_id, lose_id, reason)
    made = merging.merge(Organization, keep_id, lose_id, reason, STAY)
    seat_the_joined(keep_id)
    for number in (keep_id, lose_id):
        index.changed("firm", number)
    audit.record(
        "organization.merged", keep, lost=lose_id, reason=reason, moved=made.moved, before=before
    )


def _take_fields(
    keep: Organization, lose: Organization, chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The fields for which the other record is right; the answer is what they were.

    The two registration numbers change places, so that an import finds the firm by either.
    """
    wanted = [name for name in FIELDS if chosen.get(name) == "lost"]
    before = {name: getattr(keep, name) for name in wanted}
    new = {name: getattr(lose, name) for name in wanted}
    if "registration_no" in new:
        lose.registration_no = None
        db.session.flush()
    for name, value in new.items():
        setattr(keep, name, value)
    db.session.flush()
    if "registration_no" in new:
        lose.registration_no = before["registration_no"]
    return before


def person_objections(keep: Person, lose: Person) -> list[str]:
    """Why these two accounts cannot be merged now; nothing when they can."""
    found = _already(Person, keep.id, lose.id)
    if keep.totp_enabled_at and lose.totp_enabled_at:
        found.append(
            "Both have a second factor: the person must turn one of them off first, signed in "
            "there, and so show that both are theirs."
        )
    elif lose.totp_enabled_at:
        found.append("The account with the second factor must be the one that stays.")
    if _has_staff_role(lose.id):
        found.append(f"{lose.display_name} has a staff role: it must be taken back first.")
    if keep.disabled_at:
        found.append("The account that stays is closed.")
    if audit.actor() in {f"person:{keep.id}", f"person:{lose.id}"}:
        found.append("Nobody merges their own account: ask a colleague.")
    return [*found, *_said(Person, keep.id, lose.id)]


def _has_staff_role(person_id: int) -> bool:
    query = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def merge_people(keep: Person, lose: Person, reason: str) -> None:
    """Make two accounts one; the other is closed, signed out, and its links are dead.

    The caller commits. Raises `Refused` with every objection.
    """
    for number in sorted({keep.id, lose.id}):
        db.session.get_one(Person, number, with_for_update=True)
    objections = person_objections(keep, lose)
    if objections:
        raise Refused(" ".join(objections))
    for person in (keep, lose):
        end_sessions(person)
    tokens.kill(lose)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == lose.id))
    lose.disabled_at, lose.closed_because = clock.now(), None
    keep_id, lose_id = keep.id, lose.id
    join_people(keep_id, lose_id, reason)
    made = merging.merge(Person, keep_id, lose_id, reason, frozenset())
    audit.record("person.merged", keep, lost=lose_id, reason=reason, moved=made.moved)
