"""One version of a published practice taken back; the version before stands again."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions, queries
from portal.library.models import Practice, PracticeStatus, Revision, VersionWithdrawal


def withdrawn(practice: Practice) -> dict[int, VersionWithdrawal]:
    """By number, the versions that were taken back."""
    query = select(VersionWithdrawal).filter_by(practice_id=practice.id)
    return {one.version: one for one in db.session.scalars(query)}


def may_withdraw(practice: Practice) -> set[int]:
    """Versions that readers had, and still have at their addresses."""
    if practice.status is not PracticeStatus.PUBLISHED:
        return set()
    return {one.version for one in queries.versions_of(practice)} - withdrawn(practice).keys()


def consequence(practice: Practice, old: Revision) -> str:
    """What withdrawing it would mean for readers."""
    said = f"Whoever cited version {old.version} finds the reason at its address, not the text."
    if old.version != practice.version:
        return f"{said} Readers go on with version {practice.version}."
    left = may_withdraw(practice) - {old.version}
    if left:
        return f"{said} Readers get the text of version {max(left)} again, with a note."
    return f"{said} Readers had no other: the whole practice is withdrawn, and does not come back."


def withdraw(practice: Practice, old: Revision, reason: str, editor: Person) -> str:
    """Take it back, and say in words what readers get. Of the current version that is the one
    before, as the next, or, where there is none, the page of a withdrawn practice.
    """
    if old.version not in may_withdraw(practice):
        raise Refused("Readers do not have this version: there is nothing to withdraw.")
    made = VersionWithdrawal(
        practice_id=practice.id, version=old.version, reason=reason, withdrawn_at=clock.now()
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise Refused("It is withdrawn already.") from None
    audit.record("practice.version_withdrawn", practice, version=old.version, reason=reason)
    if old.version != practice.version:
        return f"Version {old.version} is withdrawn; readers go on with {practice.version}."
    return _go_back(practice, reason, editor)


def _go_back(practice: Practice, reason: str, editor: Person) -> str:
    number, left = practice.version, may_withdraw(practice)
    if not left:
        actions.move(practice, PracticeStatus.WITHDRAWN, reason)
        return f"Version {number} is withdrawn, and with it the practice: no other had readers."
    before = next(one for one in practice.revisions if one.version == max(left))
    note = f"Version {number} withdrawn, version {before.version} stands again: {reason}"
    actions.restore(practice, before, editor, note)
    return f"Version {number} is withdrawn; {before.version} stands again, as {practice.version}."
