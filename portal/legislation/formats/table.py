"""Lists of bills as tables, read by a mapping: which column is what, which value which stage.

A mapping is a JSON file; those of `content/mappings/` are found by their columns. It has
`place` (a slug), `licence`, `columns` (those that the list must have), `delimiter`, `dates` (how
they are written, as for strptime), `session` and `numbers` ({"value"} or {"column", "pattern",
"as"}), `unnumbered` (columns that make one bill of a row without a number), names of columns
`title`, `url`, `introduced_on`, `status`, `status_on`, `sponsors` (a list, the first one first),
`events` (a second table, by `key`), and `rules`: the first that fits says the stage.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from portal.legislation.bills import Action, Bill, Sponsor, Unreadable, number_key, session_key
from portal.legislation.formats import LARGEST, from_json, text_of

SOURCE = "csv"
LICENCE = "as the list itself states it"
FOLDER = Path(__file__).parents[3] / "content" / "mappings"
NOTHING = frozenset({"-", "n/a", "N/A"})
Row = dict[str, str]


def split(raw: bytes) -> Iterator[bytes]:
    """Each is one row with its events already: see `joined`."""
    yield raw


@cache
def mappings() -> dict[str, dict[str, Any]]:
    """Those that come with the portal, by the name of their file."""
    return {one.stem: json.loads(one.read_text("utf-8")) for one in sorted(FOLDER.glob("*.json"))}


def own_mapping(path: Path) -> tuple[str, dict[str, Any]]:
    """A mapping that somebody wrote; refused in words when it lacks what every one needs."""
    mapping = from_json(path.read_bytes())
    needed = ("place", "licence", "columns", "session", "numbers", "title", "rules")
    missing = [name for name in needed if name not in mapping]
    if missing:
        raise Unreadable(f"The mapping has no {', '.join(missing)}")
    return path.stem, mapping


def rows(raw: bytes, delimiter: str) -> list[Row]:
    """By their headings; what means “nothing here” is an empty text."""
    if len(raw) > LARGEST:
        raise Unreadable("The file is larger than 50 MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8") from None
    read = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [{name: _plain(value) for name, value in row.items() if name} for row in read]
    except csv.Error as trouble:
        raise Unreadable(f"The table is broken at line {read.line_num}: {trouble}") from None


def _plain(value: Any) -> str:
    text = text_of(value).replace("\u00a0", " ")
    return "" if text in NOTHING else text


def joined(
    files: Iterable[tuple[str, bytes]], own: tuple[str, dict[str, Any]] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Each row of each list with its events: (file and line, record)."""
    tables = list(files)
    known = dict([own]) if own else mappings()
    found = False
    for name, mapping in known.items():
        delimiter = mapping.get("delimiter", ",")
        for path, raw in tables:
            if set(mapping["columns"]) <= _heading(raw, delimiter):
                found = True
                yield from _with_events(name, mapping, path, rows(raw, delimiter), tables)
    if not found:
        raise Unreadable(
            "No mapping knows these columns: write one and name it with --mapping FILE"
        )


def _heading(raw: bytes, delimiter: str) -> set[str]:
    line = raw.decode("utf-8-sig", "replace").partition("\n")[0].strip()
    return set(next(csv.reader([line], delimiter=delimiter), []))


def _with_events(
    name: str, mapping: dict[str, Any], path: str, read: list[Row], tables: list[tuple[str, bytes]]
) -> Iterator[tuple[str, bytes]]:
    events = _events(mapping, tables)
    _check_values(mapping, read)
    names = mapping.get("events", {}).get("key", [])
    for number, row in enumerate(read, 2):
        mine = events.get(_key(row, names), []) if names else []
        record = {"mapping": name, "row": row, "events": mine}
        if name not in mappings():
            record["by"] = mapping
        yield f"{path}, line {number}", json.dumps(record, ensure_ascii=False).encode()


def _check_values(mapping: dict[str, Any], read: list[Row]) -> None:
    """Refuse a status that no rule knows; a last rule `{"has": "", …}` takes whatever is left."""
    if "status" not in mapping:
        return
    left = Counter(row.get(mapping["status"], "") for row in read
                   if _stage(mapping, row, [])[1] == "none")  # fmt: skip
    if left:
        shown = ", ".join(f"“{value or 'blank'}” ({n})" for value, n in left.most_common(5))
        raise Unreadable(f"No rule of the mapping knows these values of a status: {shown}")


def _events(
    mapping: dict[str, Any], tables: list[tuple[str, bytes]]
) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    wanted: dict[str, Any] = mapping.get("events") or {"columns": [None]}
    delimiter = mapping.get("delimiter", ",")
    for _path, raw in tables:
        if set(wanted["columns"]) <= _heading(raw, delimiter):
            for row in rows(raw, delimiter):
                found.setdefault(_key(row, wanted["key"]), []).append(row)
    return found


def _key(row: Row, names: list[str]) -> tuple[str, ...]:
    return tuple(row.get(name, "").rstrip("/") for name in names)


def parse(record: bytes) -> Bill:
    read = from_json(record)
    mapping = read.get("by") or mappings().get(read["mapping"])
    if mapping is None:
        raise Unreadable(f"The mapping {read['mapping']} is not here any more")
    row: Row = read["row"]
    session = _found(mapping["session"], row)
    number = next(filter(None, (_found(one, row) for one in mapping["numbers"])), "")
    if not number:
        number = _unnumbered(mapping, row)
    status = row.get(mapping.get("status", ""), "")
    events = read["events"]
    return Bill(
        source=SOURCE, place=mapping["place"], session=session, identifier=number,
        key=f"{read['mapping']}/{session_key(session)}/{number_key(number)}",
        title=row.get(mapping["title"], ""), url=row.get(mapping.get("url", ""), ""),
        status=status, status_code=status,
        status_on=_day(mapping, row.get(mapping.get("status_on", ""), "")),
        introduced_on=_day(mapping, row.get(mapping.get("introduced_on", ""), "")),
        sponsors=tuple(Sponsor(row[name], "co" if n else "primary")
                       for n, name in enumerate(mapping.get("sponsors", ())) if row.get(name)),
        actions=tuple(sorted((_action(mapping, one) for one in events), key=lambda one: one.on)),
        facts={"licence": mapping["licence"], "found": _stage(mapping, row, events)},
    )  # fmt: skip


def _found(rule: Mapping[str, str], row: Row) -> str:
    """A value for all rows, or what a pattern takes out of a column."""
    if "value" in rule:
        return rule["value"]
    match = re.search(rule["pattern"], row.get(rule["column"], ""))
    return rule["as"].format(*match.groups()) if match else ""


def _unnumbered(mapping: dict[str, Any], row: Row) -> str:
    """Rows that agree in these columns are one bill; the same title alone is not enough."""
    names = mapping.get("unnumbered")
    if not names:
        raise Unreadable("The row has no number")
    told = "\n".join(row.get(name, "") for name in names)
    return f"Unnumbered {hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _day(mapping: dict[str, Any], text: str) -> str:
    if not text:
        return ""
    for form in mapping.get("dates", ["%Y-%m-%d"]):
        with suppress(ValueError):
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day alone
    raise Unreadable(f"“{text}” is no date as this list writes them")


def _action(mapping: dict[str, Any], row: Row) -> Action:
    events = mapping["events"]
    words = [row.get(name, "") for name in events["text"]]
    return Action(": ".join(filter(None, words)), _day(mapping, row.get(events["on"], "")))


def _stage(mapping: dict[str, Any], row: Row, events: list[Row]) -> list[str]:
    """Stage, rule, what made it fire, outcome: of the first rule that fits."""
    for rule in mapping["rules"]:
        for one in events if rule.get("of") == "events" else [row]:
            value = one.get(rule["column"], "")
            if _fits(rule, value):
                said = f"{rule['column']}: {value or 'blank'}"
                return [rule["stage"], rule["rule"], said, rule.get("outcome", "")]
    return ["unknown", "none", "no rule of the mapping fits", ""]


def _fits(rule: Mapping[str, str], value: str) -> bool:
    if "is" in rule:
        return value == rule["is"]
    if "begins" in rule:
        return value.startswith(rule["begins"])
    return rule["has"] in value
