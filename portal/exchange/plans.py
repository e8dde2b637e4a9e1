"""What a row would do: the difference between what it says and what is there."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from portal.exchange.fields import Column, Field, Policy, Problem, Read, Record
from portal.exchange.models import Outcome


@dataclass
class Staged:
    """A row beside what is there: `current` are the values of the fields of rows that exist."""

    label: str
    current: Record = field(default_factory=dict)
    is_new: bool = False
    found: Any = None  # what the writer of this kind needs
    names: list[Hashable] = field(default_factory=list)  # no other row may be about these
    conflicts: list[Problem] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    ignored: frozenset[str] = frozenset()  # fields that are keys here, and no news


@dataclass
class Plan:
    """The outcome of a row, and the values that it would set."""

    read: Read
    staged: Staged
    outcome: Outcome
    values: Record
    changes: list[tuple[str, str, str]]
    problems: list[Problem]
    external: tuple[str, str, Any] | None = None  # kind, number there, the row that has it
    touched: list[Any] = field(default_factory=list)  # rows that were there and are changed
    is_recorded: bool = False  # what was written has told the record itself


class Seen:
    """What the rows so far were about: one thing is said once in a file."""

    def __init__(self) -> None:
        self.lines: dict[Hashable, int] = {}
        self.spans: dict[Hashable, list[tuple[date, date, int]]] = defaultdict(list)

    def claim(self, names: Iterable[Hashable], line: int) -> int | None:
        """The earlier line that is about one of these; None, and they are this line's."""
        names = list(names)
        earlier = [self.lines[one] for one in names if self.lines.get(one, line) != line]
        if earlier:
            return min(earlier)
        self.lines.update(dict.fromkeys(names, line))
        return None


def plan(read: Read, staged: Staged, policies: Mapping[str, Policy], seen: Seen) -> Plan:
    """Compare, field by field, as each column's policy lets it."""
    errors = [*read.problems, *staged.errors]
    conflicts = list(staged.conflicts)
    if not errors and not conflicts:
        twin = seen.claim(staged.names, read.line)
        if twin is not None:
            said = f"Line {twin} of this file is about the same, or takes the same role."
            conflicts.append(Problem("", said))
    if errors or conflicts:
        outcome = Outcome.ERROR if errors else Outcome.CONFLICT
        return Plan(read, staged, outcome, {}, [], [*errors, *conflicts])
    values = {
        name: value for name, value in read.record.items()
        if name not in staged.ignored
        and _is_news(staged.current, name, value, policies.get(name, Policy.OVERWRITE))
    }  # fmt: skip
    changes = [
        (name, words(staged.current.get(name)), words(value)) for name, value in values.items()
    ]
    outcome = Outcome.CREATE if staged.is_new else Outcome.UPDATE if values else Outcome.SKIP
    return Plan(read, staged, outcome, values, changes, [])


def _is_news(current: Record, name: str, value: Any, policy: Policy) -> bool:
    if name not in current:
        return True  # it belongs to something that this row makes
    old = current[name]
    if _plain(old) == _plain(value):
        return False
    return policy is Policy.OVERWRITE or (policy is Policy.FILL and _plain(old) == "")


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return "\n".join(" ".join(line.split()) for line in value.split("\n") if line.strip())
    return value


def words(value: Any) -> str:
    """A value as a cell."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(words, value)))
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, date) else str(value)


def column_of(columns: Iterable[Column], fields: Mapping[str, Field], name: str) -> str:
    """The heading in this file of a field, or what it would be called."""
    found = next((one.heading for one in columns if one.field == name), "")
    return found or fields[name].heading
