"""What a Word document says of its lists in other parts than its text: numbers and boxes."""

import io
import re
import xml.etree.ElementTree as Tree
import zipfile
from collections import defaultdict
from typing import NamedTuple

from portal.core.file_checks import unpacked

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT, NUMBERS = "word/document.xml", "word/numbering.xml"
OPEN_BOXES, TICKED_BOXES = "☐❏❑□", "☑☒"
# A number on its way through the reader, which forgets with which one a list begins.
FROM, TO = "\ue000", "\ue001"
_MARKED = re.compile(f"{FROM}([0-9]+){TO}")
_FIRST = re.compile(f"<ol><li>((?:<[^>]+>)*){FROM}([0-9]+){TO}")
_INPUT = re.compile(r'<input [^>]*type="checkbox"[^>]*>')
_BOXED = re.compile(rf"^( *[-*+] )([{OPEN_BOXES}{TICKED_BOXES}]) *", re.MULTILINE)


class _Level(NamedTuple):
    form: str  # decimal, bullet, …
    text: str  # what stands before each item
    start: int


def with_marks(body: bytes) -> bytes:
    """The document with the number or the box of each item written out before its words."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {one.filename: unpacked(archive, one) for one in archive.infolist()}
    if NUMBERS not in parts:
        return body
    text = Tree.fromstring(parts[TEXT])  # noqa: S314 - without entities: looked at before
    _mark(text, _levels(Tree.fromstring(parts[NUMBERS])))  # noqa: S314 - the same
    parts[TEXT] = Tree.tostring(text, encoding="utf-8")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def numbered(html: str) -> str:
    """Each list begins with its own number; boxes to tick are signs."""
    html = _INPUT.sub(lambda one: "☒ " if "checked=" in one[0] else "☐ ", html)
    return _MARKED.sub("", _FIRST.sub(r'<ol start="\2"><li>\1', html))


def boxed(markdown: str) -> str:
    """Items that begin with a box are tasks."""
    return _BOXED.sub(lambda one: f"{one[1]}[{'x' if one[2] in TICKED_BOXES else ' '}] ", markdown)


def _levels(numbers: Tree.Element) -> dict[tuple[str, str], _Level]:
    """By the number of a list and the depth of an item."""
    forms = {
        _value(one, "abstractNumId", own=True): one for one in numbers.iter(f"{W}abstractNum")
    }
    found = {}
    for one in numbers.iter(f"{W}num"):
        name = _value(one, "numId", own=True)
        form = forms.get(_value(one, "abstractNumId"))
        for level in form.iter(f"{W}lvl") if form is not None else ():
            start = _value(level, "start") or "1"
            found[name, _value(level, "ilvl", own=True)] = _Level(
                _value(level, "numFmt"), _value(level, "lvlText"), _whole(start)
            )
        for other in one.iter(f"{W}lvlOverride"):
            key = name, _value(other, "ilvl", own=True)
            start = _value(other, "startOverride")
            if start and key in found:
                found[key] = found[key]._replace(start=_whole(start))
    return found


def _mark(text: Tree.Element, levels: dict[tuple[str, str], _Level]) -> None:
    counted: dict[str, dict[str, int]] = defaultdict(dict)  # by list and depth
    for paragraph in text.iter(f"{W}p"):
        of = paragraph.find(f"{W}pPr/{W}numPr")
        if of is None:
            continue
        name, depth = _value(of, "numId"), _value(of, "ilvl") or "0"
        level = levels.get((name, depth))
        if level is None:
            continue
        here = counted[name]
        here[depth] = here.get(depth, level.start - 1) + 1
        for deeper in [one for one in here if one > depth]:
            del here[deeper]
        if level.form != "bullet":
            _say(paragraph, f"{FROM}{here[depth]}{TO}")
        elif level.text and level.text in OPEN_BOXES + TICKED_BOXES:
            _say(paragraph, f"{level.text} ")


def _say(paragraph: Tree.Element, words: str) -> None:
    run = Tree.Element(f"{W}r")
    Tree.SubElement(run, f"{W}t").text = words
    paragraph.insert(1, run)  # after its properties, which come first


def _value(node: Tree.Element, name: str, *, own: bool = False) -> str:
    found = node if own else node.find(f"{W}{name}")
    attribute = f"{W}{name}" if own else f"{W}val"
    return "" if found is None else found.get(attribute, "")


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
