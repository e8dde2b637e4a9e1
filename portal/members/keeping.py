"""Legal holds: somebody's data must be kept until a day.

Until then erasure is refused, and the night forgets nothing of theirs.

The caller commits.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.db import db
from portal.core.merging import ids_of, winners
from portal.core.states import Refused
from portal.members.endings import Laying, lay, lift
from portal.members.models import Overlay, OverlayKind
from portal.members.overlays import lies_on, overlays_of

HOLD = OverlayKind.HOLD


def hold(person: Person, reason: str, until_on: date, by: Person) -> Overlay:
    """Until its last day, in the place of one that is set already.

    Raises `Refused` when the person was erased or merged, or the day is past.
    """
    db.session.refresh(person, with_for_update={"of": Person})  # erasure waits, or is through
    if person.disabled_at and not person.was_closed:
        raise Refused("This account was erased or merged into another.")
    for one in held(person):
        lift(one, "Set anew")
    return lay("person", person.id, Laying(HOLD, reason, today(), until_on, by=by))


def release(person: Person, why: str) -> None:
    """End what is set, before its last day."""
    for one in held(person):
        lift(one, why)


def held(person: Person) -> list[Overlay]:
    """What is set on a person today, or on an account that was merged into theirs."""
    found = overlays_of("person", ids_of(Person, person.id))
    return [one for one in found if one.kind is HOLD and one.holds_on(today())]


def all_held(day: date) -> Select[Overlay]:
    """What is set on anybody, the first to end first."""
    query = select(Overlay).where(
        Overlay.subject_kind == "person", Overlay.kind == HOLD, lies_on(day)
    )
    return query.order_by(Overlay.until_on, Overlay.id)


def held_numbers() -> set[int]:
    """The accounts of everybody on whom something is set today, merged ones with the rest."""
    merged = winners(Person)
    now = {
        merged.get(one.subject_id, one.subject_id) for one in db.session.scalars(all_held(today()))
    }
    return now | {old for old, new in merged.items() if new in now}


def words_for(person: Person) -> str:
    """Why their data cannot be erased now, for the person; empty when nothing is set."""
    return " ".join(_words(held(person)))


def _words(found: Sequence[Overlay]) -> list[str]:
    return [
        f"Your data must be kept until {one.until_on.day} {one.until_on:%B %Y}: {one.reason}"
        for one in found if one.until_on
    ]  # fmt: skip
