"""What a person, and a firm, answered in checklists; where two accounts both helped."""

from collections.abc import Iterator

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core import merging
from portal.core.db import db
from portal.core.merging import ids_of
from portal.dues import firm_bundle
from portal.library.front_matter import kebab
from portal.library.models import ChecklistAnswer, ChecklistHelper, ChecklistRun


def _runs(person: Person) -> Rows:
    mine = ids_of(Person, person.id)
    helped = select(ChecklistHelper.run_id).where(ChecklistHelper.person_id.in_(mine))
    query = select(ChecklistRun).where(
        or_(ChecklistRun.owner_id.in_(mine), ChecklistRun.id.in_(helped))
    )
    names = ("id", "title", "version", "opened_at", "closed_at")
    return [plain(one, *names) for one in db.session.scalars(query.order_by(ChecklistRun.id))]


def _answers(person: Person) -> Rows:
    mine = ids_of(Person, person.id)
    query = select(ChecklistAnswer).where(
        or_(ChecklistAnswer.changed_by_id.in_(mine), ChecklistAnswer.owner_id.in_(mine))
    )
    names = ("run_id", "item_text", "answer", "note", "due_on", "file_name", "changed_at")
    return [plain(one, *names) for one in db.session.scalars(query.order_by(ChecklistAnswer.id))]


def _of_firm(numbers: set[int]) -> Rows:
    """Every answer, with the name of its checklist, and where its evidence is in the archive."""
    query = (
        select(ChecklistRun, ChecklistAnswer)
        .outerjoin(ChecklistAnswer, ChecklistAnswer.run_id == ChecklistRun.id)
        .where(ChecklistRun.organization_id.in_(numbers))
        .options(joinedload(ChecklistRun.practice), joinedload(ChecklistRun.owner))
    )
    found = db.session.execute(query.order_by(ChecklistRun.id, ChecklistAnswer.id))
    for run, answer in found:
        yield {
            "checklist": run.title, "practice": run.practice.slug,
            **plain(run, "version", "opened_at", "closed_at"), "owner": run.owner.display_name,
            **(plain(answer, "item_text", "answer", "note", "due_on", "file_name", "changed_at")
               if answer else {}),
            "evidence": _path(run, answer) if answer and answer.file_key else "",
        }  # fmt: skip


def _path(run: ChecklistRun, answer: ChecklistAnswer) -> str:
    return f"evidence/{run.id}-{kebab(run.title) or 'checklist'}/{answer.id}-{answer.file_name}"


def _evidence_of_firm(numbers: set[int]) -> Iterator[tuple[str, str]]:
    """Where each file lies in the archive, and in the store."""
    query = (
        select(ChecklistRun, ChecklistAnswer)
        .join(ChecklistAnswer, ChecklistAnswer.run_id == ChecklistRun.id)
        .where(ChecklistRun.organization_id.in_(numbers), ChecklistAnswer.file_key.is_not(None))
        .order_by(ChecklistRun.id, ChecklistAnswer.id)
    )
    for run, answer in db.session.execute(query):
        yield _path(run, answer), answer.file_key or ""


firm_bundle.more["checklists"] = _of_firm
firm_bundle.attached.append(_evidence_of_firm)


def _stop_helping(person: Person) -> None:
    db.session.execute(delete(ChecklistHelper).where(ChecklistHelper.person_id == person.id))


def help_once(keep_id: int, lose_id: int) -> None:
    """Two accounts of one person become one: where both help, one does."""
    both = select(ChecklistHelper.run_id).where(ChecklistHelper.person_id == keep_id)
    twin = delete(ChecklistHelper).where(ChecklistHelper.person_id == lose_id)
    db.session.execute(twin.where(ChecklistHelper.run_id.in_(both.scalar_subquery())))


merging.settlers.setdefault("people", []).append(help_once)
KEPT = "As long as the firm keeps the checklist, without your name: the answers are the firm’s"
HOLDINGS += [
    Holding(
        "checklists", "Checklists that you own or help to fill", "To let you go on with them",
        "You and your colleagues", "Your firm, and whom its owner chose from the group; not staff",
        KEPT, _runs, erase=_stop_helping,
    ),
    Holding(
        "checklist-answers", "What you answered in checklists", "So that your firm has it",
        "You", "Your firm, and whom its owner chose from the group; not staff", KEPT, _answers,
    ),
]  # fmt: skip
