"""What somebody who leaves a firm was doing in its checklists: others go on with it."""

from collections.abc import Iterable

from sqlalchemy import delete, or_, select, update

from portal.accounts.models import Person
from portal.core import audit
from portal.core.db import db
from portal.library.kin import colleagues
from portal.library.models import ChecklistAnswer, ChecklistHelper, ChecklistRun
from portal.library.runs import helpers_of
from portal.members.actions.people import leavings
from portal.members.models import Affiliation, FirmRole
from portal.members.queries import holders
from portal.notices.actions import mail_once

TOLD = "library/checklists_handed_over"


def hand_over(affiliation: Affiliation) -> None:
    """Checklists go to a helper, else to the roster manager, who are told by mail; where there is
    neither, a colleague takes them over. Whoever still works at a sister firm keeps them.
    """
    person = affiliation.person
    heirs: dict[Person, list[ChecklistRun]] = {}
    for run in _lost(person):
        if run.owner_id == person.id and (heir := _heir(run)):
            _give(run, heir)
            heirs.setdefault(heir, []).append(run)
        _take_out(run, person)
    for heir, runs in heirs.items():
        key = f"handed-over:{affiliation.id}:{heir.id}"
        mail_once(key, TOLD, heir, f"person:{person.id}", runs=runs)


def _lost(person: Person) -> Iterable[ChecklistRun]:
    """What they own, help with or have a part in, at firms where they work no more."""
    helped = select(ChecklistHelper.run_id).where(ChecklistHelper.person_id == person.id)
    items = select(ChecklistAnswer.run_id).where(ChecklistAnswer.owner_id == person.id)
    run = ChecklistRun
    mine = or_(run.owner_id == person.id, run.id.in_(helped), run.id.in_(items))
    found = db.session.scalars(select(run).where(mine).order_by(run.id)).all()
    return [one for one in found if person.id not in colleagues(one.organization_id)]


def _heir(run: ChecklistRun) -> Person | None:
    there = colleagues(run.organization_id)
    managers = [one.person for one in holders(run.organization_id, FirmRole.ROSTER_MANAGER)]
    return next((one for one in [*helpers_of(run), *managers] if one.id in there), None)


def _give(run: ChecklistRun, heir: Person) -> None:
    run.owner = heir
    helps = delete(ChecklistHelper).where(ChecklistHelper.run_id == run.id)
    db.session.execute(helps.where(ChecklistHelper.person_id == heir.id))
    audit.record("checklist.handed_over", run, owner=heir.id)


def _take_out(run: ChecklistRun, person: Person) -> None:
    """They help no more; items that were theirs are the owner's."""
    helps = delete(ChecklistHelper).where(ChecklistHelper.run_id == run.id)
    db.session.execute(helps.where(ChecklistHelper.person_id == person.id))
    if run.owner_id != person.id:
        items = update(ChecklistAnswer).where(ChecklistAnswer.run_id == run.id)
        theirs = items.where(ChecklistAnswer.owner_id == person.id)
        db.session.execute(theirs.values(owner_id=run.owner_id))


leavings.append(hand_over)
