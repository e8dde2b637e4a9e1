"""A Word document as the Markdown of a practice: headings, lists, tables, links; no pictures."""

import io
import re
import zipfile
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import mammoth
from markdownify import markdownify

from portal.core.file_checks import checked, unpacked
from portal.core.states import Refused
from portal.library import word_lists

MOST = 10 * 2**20
MOST_XML, MOST_UNPACKED = 20 * 2**20, 50 * 2**20
NOT_WORD = "Send a Word document (.docx)."
ZIP = b"PK"  # what every .docx begins with
STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_HEADING = re.compile(r"^(#{1,5}) ", re.MULTILINE)


@dataclass(frozen=True)
class Written:
    title: str
    body: str  # Markdown, its highest heading is ##
    pictures: int  # that were left out: they are attached apart, with a text for who cannot see


def read(body: bytes, name: str) -> Written:
    """Raises `Refused` in words for anything but a sound Word document."""
    if len(body) > MOST:
        raise Refused("The document is larger than 10 MB: leave its pictures out.")
    if not body.startswith(ZIP):
        raise Refused(NOT_WORD)
    _, kind = checked(body, name)
    if not kind.endswith("wordprocessingml.document"):
        raise Refused(NOT_WORD)
    _look_inside(body)
    pictures: list[object] = []

    def leave_out(image: object) -> list[object]:
        pictures.append(image)
        return []

    try:
        html = mammoth.convert_to_html(
            io.BytesIO(word_lists.with_marks(body)), style_map=STYLES, convert_image=leave_out
        ).value
    except (
        SyntaxError,
        ExpatError,
        KeyError,
        ValueError,
        RecursionError,
        AttributeError,
    ) as error:
        raise Refused("The document cannot be read: save it anew in Word.") from error
    html = word_lists.numbered(html)
    text = word_lists.boxed(markdownify(html, heading_style="ATX", bullets="-").strip())
    title, text = _titled(text)
    if not text:
        raise Refused("The document holds no text.")
    return Written(title, text + "\n", len(pictures))


def _look_inside(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
            raise Refused("The document unpacks to more than 50 MB: leave its pictures out.")
        for one in archive.infolist():
            if one.filename.endswith((".xml", ".rels")):
                text = unpacked(archive, one) if one.file_size <= MOST_XML else b"<!ENTITY"
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise Refused("The document is damaged or too long: it is not read.")


def _titled(text: str) -> tuple[str, str]:
    """A first heading is the title; the others move so that the highest is ##."""
    title = ""
    first = re.match(r"# (.+)\n*", text)
    if first:
        title, text = first[1].strip("* "), text[first.end() :]
    highest = min((len(one[1]) for one in _HEADING.finditer(text)), default=2)
    if highest < 2:
        text = _HEADING.sub(lambda one: f"#{one[1]} ", text)
    return title[:140], re.sub(r"\n{3,}", "\n\n", text).strip()
