"""The text of a file, page by page: a program of its own, which the job starts within limits.

Run by its path, it reads the file from its input and prints JSON: `status` and `pages`.
"""

import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from xml.etree import ElementTree as ET

import openpyxl
import pypdf

MEMORY, SECONDS = 512 * 2**20, 60
MOST_PAGES, MOST_WORDS, MOST_CELLS = 300, 200_000, 50_000
MOST_XML = 100 * 2**20
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SLIDE = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
ODT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Locked(Exception):
    """A password is needed."""


def pdf(body: bytes) -> Iterator[str]:
    reader = pypdf.PdfReader(io.BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Locked
    for page in reader.pages:
        yield page.extract_text()


def _parts(archive: zipfile.ZipFile, pattern: str) -> Iterator[ET.Element]:
    """The parsed parts whose names match, in the order of the numbers in their names."""
    names = [one for one in archive.namelist() if re.fullmatch(pattern, one)]
    names.sort(key=lambda one: [int(n) for n in re.findall(r"\d+", one)])
    for name in names:
        with archive.open(name) as part:
            text = part.read(MOST_XML)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise ValueError("declares entities")
        yield ET.fromstring(text)  # noqa: S314 - no entities, and within limits


def _paragraphs(root: ET.Element, of: str, text: str) -> str:
    lines = ("".join(t.text or "" for t in p.iter(text)) for p in root.iter(of))
    return "\n".join(line for line in lines if line)


def docx(body: bytes) -> Iterator[str]:
    """One text: paragraphs, tables, headers and footnotes have no pages before they are drawn."""
    pattern = r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = _parts(archive, pattern)
        yield "\n".join(_paragraphs(root, f"{WORD}p", f"{WORD}t") for root in parts)


def pptx(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        notes: dict[int, str] = {}
        for part in _parts(archive, r"ppt/notesSlides/notesSlide\d+\.xml"):
            notes[len(notes)] = _paragraphs(part, f"{SLIDE}p", f"{SLIDE}t")
        slides = [
            _paragraphs(part, f"{SLIDE}p", f"{SLIDE}t")
            for part in _parts(archive, r"ppt/slides/slide\d+\.xml")
        ]
    for number, slide in enumerate(slides):
        yield f"{slide}\n{notes.get(number, '')}" if len(notes) == len(slides) else slide
    if len(notes) != len(slides):
        yield from notes.values()


def odt(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for root in _parts(archive, r"content\.xml"):
            lines = (
                "".join(one.itertext()) for one in root.iter() if one.tag in {f"{ODT}p", f"{ODT}h"}
            )
            yield "\n".join(lines)


def xlsx(body: bytes) -> Iterator[str]:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    left = MOST_CELLS
    for sheet in book.worksheets:
        found = [sheet.title]
        for row in sheet.iter_rows(values_only=True):
            found += [str(cell) for cell in row if cell is not None]
            left -= len(row)
            if left <= 0:
                yield "\n".join(found)
                raise OverflowError
        yield "\n".join(found)


def comma_separated(body: bytes) -> Iterator[str]:
    cells: list[str] = []
    for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
        cells += row
        if len(cells) > MOST_CELLS:
            yield "\n".join(cells[:MOST_CELLS])
            raise OverflowError
    yield "\n".join(cells)


READERS: dict[str, Callable[[bytes], Iterable[str]]] = {
    "pdf": pdf, "docx": docx, "pptx": pptx, "odt": odt, "xlsx": xlsx, "csv": comma_separated,
}  # fmt: skip


def read(kind: str, body: bytes) -> dict[str, object]:
    """`ok`, `partial` when a limit ended it, `no_text` for scans and locked files, or `failed`."""
    pages: list[str] = []
    words, is_partial = 0, False
    try:
        for page in READERS[kind](body):
            if len(pages) == MOST_PAGES or words >= MOST_WORDS:
                is_partial = True
                break
            found = page.replace("\0", " ").split()[: MOST_WORDS - words]
            words += len(found)
            pages.append(" ".join(found))
    except OverflowError:
        is_partial = True
    except Locked:
        return {"status": "no_text", "pages": []}
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)  # noqa: T201 - for the log, without its text
        return {"status": "partial" if words else "failed", "pages": pages}
    if not words:
        return {"status": "no_text", "pages": []}
    return {"status": "partial" if is_partial else "ok", "pages": pages}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    json.dump(read(sys.argv[1], sys.stdin.buffer.read()), sys.stdout)
