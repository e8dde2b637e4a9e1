"""Keeping what a form says of a checklist: what one changed, and nobody else meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from portal.accounts.models import Person
from portal.library import runs
from portal.library.checklist_forms import ANSWERS, Sent, Typed, read
from portal.library.checklists import Item
from portal.library.models import ChecklistAnswer, ChecklistRun
from portal.library.runs import Said, said


@dataclass(frozen=True)
class Row:
    """One item as the page draws it."""

    item: Item
    kept: ChecklistAnswer | None
    shown: Typed
    seen: str
    fault: str = ""


def fill(run: ChecklistRun, person: Person, form: Mapping[str, str]) -> Sent:
    """Keep each item that was changed; one that another changed at the same time is a fault."""
    found, rows = runs.items_of(run), runs.answers_of(run)
    sent = read(form, found, people_of(run, rows))
    for item in found:
        new, now = sent.said.get(item.key), said(rows.get(item.key))
        if new is None or new.mark in {sent.typed[item.key].seen, now.mark}:
            continue
        if now.mark != sent.typed[item.key].seen:
            sent.faults[item.key] = _overtaken(rows.get(item.key))
        else:
            rows[item.key] = runs.say(run, item, new, person)
    return sent


def _overtaken(row: ChecklistAnswer | None) -> str:
    who = row.changed_by.display_name if row else "Somebody"
    what = ANSWERS[row.answer].lower() if row else "open"
    note = f", “{row.note}”" if row and row.note else ""
    return f"{who} changed this meanwhile to: {what}{note}. Save again to put yours in its place"


def people_of(run: ChecklistRun, rows: Mapping[str, ChecklistAnswer]) -> list[Person]:
    """Who may own an item: the owner, the helpers, and whoever owns one already."""
    held = [one.owner for one in rows.values() if one.owner]
    return list({one.id: one for one in [run.owner, *runs.helpers_of(run), *held]}.values())


def sections(
    found: Sequence[Item], rows: Mapping[str, ChecklistAnswer], sent: Sent
) -> list[tuple[str, list[Row]]]:
    """The items under their headings; what was typed with a fault stays as it was typed."""
    drawn = (_row(one, rows.get(one.key), sent) for one in found)
    return [(name, list(those)) for name, those in groupby(drawn, lambda one: one.item.section)]


def _row(item: Item, row: ChecklistAnswer | None, sent: Sent) -> Row:
    fault, now = sent.faults.get(item.key, ""), said(row)
    shown = sent.typed[item.key] if fault else _typed(now)
    return Row(item, row, shown, now.mark, fault)


def _typed(now: Said) -> Typed:
    return Typed(
        now.answer.value, now.note, str(now.owner_id or ""),
        now.due_on.isoformat() if now.due_on else "",
    )  # fmt: skip
