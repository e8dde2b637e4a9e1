"""Whom a file names beside its text: a program of its own, started within limits.

Run by its path, it reads the file from its input and prints a JSON list: authors and firms in the
properties, whoever wrote comments and marked changes.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

MEMORY, SECONDS = 512 * 2**20, 20
MOST_XML = 100 * 2**20
TAGS = (
    r"dc:creator|cp:lastModifiedBy|meta:initial-creator|Company|Manager|author|loext:sender-[a-z]+"
)
_TAG = re.compile(rf"<({TAGS})(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)
_WHO = re.compile(
    r"""<p:cmAuthor\b[^>]*?\sname="([^"]*)"|\s(?:\w+:author|displayName)="([^"]*)\""""
)
_PDF_KEYS = ("/Author", "/Company", "/Manager")


def in_xml(text: str) -> Iterator[str]:
    for _tag, inside in _TAG.findall(text):
        yield re.sub(r"<[^>]*>", " ", inside)
    for pair in _WHO.findall(text):
        yield "".join(pair)


def in_pdf(body: bytes) -> Iterator[str]:
    """Raises on a file that is locked or broken: what cannot be read cannot be cleared."""
    reader = pypdf.PdfReader(io.BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("locked")
    about: Mapping[str, object] = reader.metadata or {}
    yield from (str(about[key]) for key in _PDF_KEYS if about.get(key))
    packet = reader.root_object.get("/Metadata")
    packet = packet.get_object() if packet else None
    if isinstance(packet, StreamObject):
        yield from in_xml(packet.get_data().decode("utf-8", "replace"))
    for page in reader.pages:
        notes = page.get("/Annots")
        found = notes.get_object() if notes else None
        for note in found if isinstance(found, ArrayObject) else ():
            one = note.get_object()
            if isinstance(one, DictionaryObject) and one.get("/Subtype") != "/Widget":
                yield str(one.get("/T", ""))


def in_archive(body: bytes) -> Iterator[str]:
    left = MOST_XML
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for one in archive.infolist():
            if one.filename.endswith(".xml"):
                text = archive.read(one)
                left -= len(text)
                if left < 0:
                    raise ValueError("too long")
                yield from in_xml(text.decode("utf-8", "replace"))


def read(kind: str, body: bytes) -> list[str]:
    found = in_pdf(body) if kind == "pdf" else in_archive(body)
    words = (" ".join(unescape(one).split()) for one in found)
    return sorted({one[:80] for one in words if one})


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    json.dump(read(sys.argv[1], sys.stdin.buffer.read()), sys.stdout)
