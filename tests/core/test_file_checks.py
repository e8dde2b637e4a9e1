"""What may be attached: known by content, refused quickly where it would hurt."""

import io
import os
import resource
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from portal.core import extraction
from portal.core.extracting import text_of
from portal.core.file_checks import MOST_ENTRIES, OFFICE, checked
from portal.core.pictures import PNG, without_notes
from portal.core.states import Refused
from tests.papers import docx, packed, pdf, pptx, xlsx

DOCX = f"{OFFICE}wordprocessingml.document"
RELATION = '<Relationship Id="r1" Type="x/{}" Target="http://e.example/" TargetMode="External"/>'


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width=1, height=1, *more):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    drawn = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return PNG + chunk(b"IHDR", header) + b"".join(more) + drawn + chunk(b"IEND", b"")


def jpeg(width=1, height=1):
    exif = b"Exif\0\0GPS 14.5995 N"
    return (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
        + b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
        + b"\xff\xda\0\x02data\xff\xd9<script>"
    )  # fmt: skip


def bomb():
    """A few kilobytes that unpack to more than a hundred times as much."""
    return docx("x", **{"word/media/a.txt": b"0" * 5_000_000})


def beside_noise(**parts):
    """Random bytes in it keep what unpacks without end under a hundred times its size."""
    return docx("x", **{"word/media/a.bmp": os.urandom(3_600_000)}, **parts)


def spaces(n):
    return b" " * n


def lying():
    """The directory says that a part is short; what is packed under it is not."""
    made = bytearray(docx("x", **{"word/_rels/a.rels": spaces(250_000_000)}))
    told = struct.pack("<L", 250_000_000)
    return bytes(made.replace(told, struct.pack("<L", 100)))


def packed_in_one_piece():
    made = io.BytesIO(docx("x"))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/_rels/a.rels", b"<Relationships/>" * 1_000)
    return made.getvalue()


def nested():
    return docx("x", **{"word/embeddings/more.zip": packed({"a": b"b"})})


REFUSED = {
    "a bomb": (bomb, "100 times"),
    "a part without end": (
        lambda: beside_noise(**{"word/_rels/a.rels": spaces(300_000_000)}), "more than 100 MB",
    ),
    "a list of parts without end": (
        lambda: beside_noise(**{"[Content_Types].xml": spaces(300_000_000)}), "more than 100 MB",
    ),
    "a long part of links": (
        lambda: beside_noise(**{"word/_rels/a.rels": spaces(90_000_000)}), "longer than 2 MB",
    ),
    "many parts of links": (
        lambda: beside_noise(**{f"word/_rels/{n}.rels": spaces(30_000) for n in range(99)}),
        "longer than 2 MB",
    ),
    "many long parts": (
        lambda: beside_noise(**{f"word/{n}.xml": spaces(80_000_000) for n in range(3)}),
        "more than 200 MB",
    ),
    "a part that says it is short": (lying, "damaged"),
    "a part packed in one piece": (packed_in_one_piece, "unusual way"),
    "a zip inside": (nested, "programs"),
    "too many parts": (
        lambda: docx("x", **{f"word/{n}": b"" for n in range(MOST_ENTRIES)}), "2,000 parts",
    ),
    "a plain zip": (lambda: packed({"a.txt": b"words"}), "Only PDF"),
    "a cut zip": (lambda: docx("words")[:-30], "damaged"),
    "macros": (lambda: docx("x", **{"word/vbaProject.bin": b"x"}), "macros"),
    "macros of ODT": (lambda: packed({"mimetype": b"x", "Basic/Standard/x.xml": b"x"}), "macros"),
    "a program": (lambda: docx("x", **{"word/run.exe": b"MZ"}), "programs"),
    "what leads out": (lambda: docx("x", **{"../../etc/passwd": b"x"}), "lead out"),
    "what begins at the root": (lambda: docx("x", **{"/etc/passwd": b"x"}), "lead out"),
    "a template elsewhere": (
        lambda: docx("x", **{"word/_rels/a.rels": RELATION.format("attachedTemplate").encode()}),
        "elsewhere",
    ),
    "a large picture": (lambda: png(30_000, 30_000), "megapixels"),
    "a large photograph": (lambda: jpeg(30_000, 30_000), "megapixels"),
    "a photograph cut short": (lambda: b"\xff\xd8\xff\xe0\0", "damaged"),
    "100,000 pages": (lambda: pdf("x") + b"/Type /Pages /Count 100000", "pages"),
    "a script in a PDF": (lambda: pdf("x") + b"<< /S /JavaScript /JS (x) >>", "macros"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only PDF"),
    "HTML called CSV": (lambda: b" <html><script>x</script>", "Only PDF"),
    "a program called CSV": (lambda: b"MZ\x90\0", "UTF-8|Only PDF"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_hurt_is_refused_at_once_and_in_words(what):
    make, words = REFUSED[what]
    body = make()
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match=words):
        checked(body, "../../a.csv")
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200_000  # kilobytes


@pytest.mark.parametrize(
    "what", [one for one in REFUSED if "without end" in one or "short" in one]
)
def test_little_is_read_of_what_unpacks_without_end(what):
    body = REFUSED[what][0]()
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            checked(body, "a.docx")
        assert tracemalloc.get_traced_memory()[1] < 3 * 2**20
    finally:
        tracemalloc.stop()


def test_a_link_out_of_the_archive_is_refused():
    link = zipfile.ZipInfo("word/link.xml")
    link.external_attr = 0o120777 << 16
    made = io.BytesIO(docx("words"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Refused, match="lead out"):
        checked(made.getvalue(), "a.docx")


def test_files_are_known_by_their_content_whatever_they_are_called():
    assert checked(docx("words"), "a.pdf")[1] == DOCX
    assert checked(xlsx([["a"]]), "a.csv")[1] == f"{OFFICE}spreadsheetml.sheet"
    assert checked(pdf("words"), "a.exe")[1] == "application/pdf"
    assert checked(b"seat,price\n1,2\n", "a.csv")[1] == "text/csv"
    link = docx("x", **{"word/_rels/a.rels": RELATION.format("hyperlink").encode()})
    assert checked(link, "a.docx")[1] == DOCX


def test_pictures_lose_what_cameras_note_and_what_is_glued_on():
    noted = png(1, 1, chunk(b"eXIf", b"GPS 14.5995 N"), chunk(b"tEXt", b"Author\0Ana"))
    assert without_notes(noted + b"<script>") == png()
    kept = without_notes(jpeg())
    assert b"GPS" not in kept
    assert b"script" not in kept
    assert kept.endswith(b"data\xff\xd9")


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        ("pdf", pdf("First page", "Second page"), ["First page", "Second page"]),
        ("docx", docx("A paragraph", "A cell"), ["A paragraph A cell"]),
        ("xlsx", xlsx([["Seat", 12]]), ["Rates Seat 12"]),
        ("pptx", pptx("One slide", "Another"), ["One slide", "Another"]),
        ("csv", b"seat,price\n", ["seat price"]),
    ],
)
def test_the_text_of_files_is_read_page_by_page(kind, body, found):
    assert extraction.read(kind, body) == {"status": "ok", "pages": found}


def test_limits_end_the_reading_and_say_so(monkeypatch):
    monkeypatch.setattr(extraction, "MOST_PAGES", 1)
    assert extraction.read("pdf", pdf("One", "Two")) == {"status": "partial", "pages": ["One"]}
    monkeypatch.setattr(extraction, "MOST_CELLS", 3)
    assert extraction.read("csv", b"a,b\nc,d\n") == {"status": "partial", "pages": ["a b c"]}


def test_what_holds_no_text_says_so_and_what_is_broken_fails_alone():
    assert extraction.read("pdf", pdf("")) == {"status": "no_text", "pages": []}
    assert extraction.read("docx", b"no archive")["status"] == "failed"
    entities = docx("x", **{"word/header1.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"})
    assert extraction.read("docx", entities)["status"] == "failed"


def test_a_process_of_its_own_reads_within_its_time():
    assert text_of("pdf", pdf("Words of their own")) == ("ok", ["Words of their own"])
    assert text_of("pdf", pdf("x"), seconds=0) == ("failed", [])
