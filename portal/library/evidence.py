"""A file that shows what an item of a checklist says. The caller commits."""

from pathlib import PurePath

from portal.accounts.models import Person
from portal.core import audit, files
from portal.core.file_checks import ENDINGS, checked
from portal.core.states import Refused
from portal.library import runs
from portal.library.checklists import Item
from portal.library.front_matter import kebab
from portal.library.models import ChecklistAnswer, ChecklistRun

MOST = 10 * 2**20


def attach(run: ChecklistRun, item: Item, person: Person, body: bytes, name: str) -> str | None:
    """Keep a file with the item, and give the key of the one before. Raises `Refused` in words."""
    if len(body) > MOST:
        raise Refused("The file is larger than 10 MB: send a smaller one.")
    body, content_type = checked(body, name)
    ending = ENDINGS[content_type]
    row = runs.say(run, item, runs.said(runs.answers_of(run).get(item.key)), person)
    old, row.file_type = row.file_key, content_type
    row.file_name = f"{kebab(PurePath(name).stem)[:60] or 'evidence'}.{ending}"
    row.file_key = files.put(body, content_type, f".{ending}").key
    audit.record("checklist.evidence_attached", run)
    return old


def remove(row: ChecklistAnswer) -> str | None:
    old, row.file_key, row.file_name, row.file_type = row.file_key, None, "", ""
    return old
