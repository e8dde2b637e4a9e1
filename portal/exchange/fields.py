"""The fields of a kind of file: what their columns are called, and what reads them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Record = dict[str, Any]  # of the fields that a row fills, each as a value


class Policy(StrEnum):
    """What a column may do to a row that is there already."""

    OVERWRITE = "overwrite"
    FILL = "fill"
    NEVER = "never"


@dataclass(frozen=True)
class Field:
    """A field; `name` with blanks is its heading on export."""

    name: str
    read: Callable[[str], Any]
    aliases: Sequence[str] = ()
    is_fixed: bool = False  # a key, or what only new rows take

    @property
    def heading(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Column:
    """A column of a file: the field it fills, if any, and what it may do."""

    heading: str
    field: str
    policy: Policy

    def plain(self) -> list[str]:
        return [self.heading, self.field, self.policy.value]


@dataclass(frozen=True)
class Problem:
    column: str  # its heading in the file
    sentence: str


@dataclass(frozen=True)
class Read:
    """A row as values, and what of it could not be read."""

    line: int
    record: Record
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # fields that have a problem

    def lacks(self, name: str) -> bool:
        """True of a field that nothing was said of; one that could not be read has its say."""
        return name not in self.record and name not in self.unread


def _simple(heading: str) -> str:
    return " ".join(re.sub(r"[^\w]+|_", " ", heading.lower()).split())


def recognised(
    headings: Iterable[str], fields: Sequence[Field], remembered: Mapping[str, str]
) -> list[Column]:
    """A column for each heading, by name or as it was mapped before; the first of twins counts."""
    names = {_simple(words): one.name for one in fields for words in (one.heading, *one.aliases)}
    taken: set[str] = set()
    found = []
    for heading in headings:
        name = remembered.get(heading) or names.get(_simple(heading), "")
        name = "" if name in taken else name
        taken |= {name} - {""}
        found.append(Column(heading, name, Policy.OVERWRITE))
    return with_fixed(found, fields)


def with_fixed(columns: Iterable[Column], fields: Sequence[Field]) -> list[Column]:
    """The columns, those of keys never changing what is there."""
    fixed = {one.name for one in fields if one.is_fixed}
    return [
        Column(one.heading, one.field, Policy.NEVER if one.field in fixed else one.policy)
        for one in columns
    ]


def read_row(
    line: int, cells: Sequence[str], columns: Sequence[Column], fields: Mapping[str, Field]
) -> Read:
    """The values of a row; an empty cell says nothing."""
    found = Read(line, {})
    for cell, column in zip(cells, columns, strict=False):
        if not cell or not column.field:
            continue
        try:
            value = fields[column.field].read(cell)
        except ValueError as error:
            found.problems.append(Problem(column.heading, str(error)))
            found.unread.add(column.field)
            continue
        if value != "":
            found.record[column.field] = value
    return found
