"""The list of who was erased: kept beside the database and in no backup, numbers and days alone.

A backup that was made before an erasure still names that person; whoever restores it gives it
this list, and they are erased again.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.accounts.erasing import address_of, erase_whatever
from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.links import settings
from portal.core.states import Refused

NAME = "erased.jsonl"


def place() -> Path:
    return settings().data / NAME


def note(person: Person) -> None:
    """Put a person on the list, once."""
    mine = {"person": person.id, "made_at": person.created_at.isoformat()}
    if any(_same(one, mine) for one in _lines(place())):
        return
    with place().open("a", encoding="utf-8") as file:
        file.write(json.dumps(mine | {"erased_at": clock.now().isoformat()}) + "\n")


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one["person"], one["made_at"]) == (other["person"], other["made_at"])


def _lines(path: Path) -> list[dict[str, Any]]:
    """Raises `Refused` when the file is not such a list."""
    if not path.is_file():
        return []
    try:
        found = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        return [one for one in found if (one["person"], datetime.fromisoformat(one["made_at"]))]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path.name} is no list of erasures: {error}.") from error


def again(path: Path) -> int:
    """Erase whom the list names and the restored portal still knows; commits one by one."""
    count = 0
    for one in _lines(path):
        person = db.session.get(Person, one["person"])
        is_same = person and person.created_at == datetime.fromisoformat(one["made_at"])
        if person and is_same and person.email != address_of(person.id):
            erase_whatever(person)
            db.session.commit()
            count += 1
    return count
