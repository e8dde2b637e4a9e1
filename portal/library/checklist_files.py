"""A checklist to take along: a table for spreadsheets, and a paper to read or to fill by hand."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from portal.association.queries import association, day_of
from portal.core import documents, sheets
from portal.core.filters import NBSP, day
from portal.library import in_word, runs
from portal.library.checklist_forms import ANSWERS
from portal.library.checklists import Item, progress
from portal.library.models import Answer, ChecklistAnswer, ChecklistRun

HEAD = (
    "Checklist", "Practice", "Version", "Section", "Item", "Answer", "Note", "Owner", "Due",
    "Evidence", "Changed", "Changed by",
)  # fmt: skip
NO_MORE = "Not in this version any more"


def to_csv(found: Iterable[ChecklistRun]) -> str:
    return sheets.to_csv(HEAD, _table(found))


def to_xlsx(found: Iterable[ChecklistRun]) -> bytes:
    return sheets.to_xlsx(HEAD, _table(found), "Checklists")


def _table(found: Iterable[ChecklistRun]) -> Iterator[list[object]]:
    for run in found:
        rows = runs.answers_of(run)
        for item in with_former(runs.items_of(run), rows):
            yield [run.title, run.practice.title, run.version, item.section, item.text,
                   *_cells(rows.get(item.key))]  # fmt: skip


def _cells(row: ChecklistAnswer | None) -> list[object]:
    if row is None:
        return [ANSWERS[Answer.OPEN], *[""] * 6]
    owner = row.owner.display_name if row.owner else ""
    return [ANSWERS[row.answer], row.note, owner, row.due_on or "", row.file_name,
            day_of(row.changed_at), row.changed_by.display_name]  # fmt: skip


def with_former(found: Iterable[Item], rows: dict[str, ChecklistAnswer]) -> list[Item]:
    """The items of the version, and those answered before that it does not have."""
    now = list(found)
    keys = {one.key for one in now}
    return now + [
        Item(key, one.item_text, NO_MORE) for key, one in rows.items() if key not in keys
    ]


def pdf(run: ChecklistRun, *, empty: bool = False) -> bytes:
    """With the answers; or with empty boxes, to print and fill by hand."""
    return documents.pdf("checklist", _facts(run, empty=empty))


def word(run: ChecklistRun) -> bytes:
    return in_word.checklist(_facts(run))


def _facts(run: ChecklistRun, *, empty: bool = False) -> dict[str, Any]:
    rows = {} if empty else runs.answers_of(run)
    found = runs.items_of(run)
    done = progress(found, {key: one.answer.value for key, one in rows.items()})
    here = association()
    return {
        "title": run.title, "number": f"{run.practice.ref} version {run.version}",
        "dated": str(day_of(run.opened_at)), "from": {"name": here.name},
        "practice": run.practice.title, "firm": run.organization.name, "empty": empty,
        "state": "" if empty else f"{done.words}. Begun {day(day_of(run.opened_at))} by "
        f"{run.owner.display_name}" + (", closed." if run.closed_at else "."),
        "sections": [
            {"title": name, "items": [_drawn(one, rows.get(one.key)) for one in those]}
            for name, those in groupby(with_former(found, rows), lambda one: one.section)
        ],
    }  # fmt: skip


def _drawn(item: Item, row: ChecklistAnswer | None) -> dict[str, str]:
    if row is None:
        return {"text": item.text, "answer": "", "note": "", "more": ""}
    more = [
        row.owner.display_name if row.owner else "",
        f"due {day(row.due_on)}" if row.due_on else "", row.file_name,
    ]  # fmt: skip
    answer = "" if row.answer is Answer.OPEN else ANSWERS[row.answer]
    said = ", ".join(one for one in more if one).replace(NBSP, " ")
    return {"text": item.text, "answer": answer, "note": row.note, "more": said}
