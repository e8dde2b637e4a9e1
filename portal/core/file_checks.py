"""What an attachment is, by its content, and why one is refused. Reads little, unpacks nothing."""

import csv
import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from portal.core.pictures import shape, without_notes
from portal.core.states import Refused

MOST_ENTRIES, MOST_RATIO = 2_000, 100
MOST_OF_ONE, MOST_UNPACKED = 100 * 2**20, 200 * 2**20
MOST_ABOUT = 2 * 2**20  # of the parts that say what a file is and what it links to, together
MOST_PAGES_CLAIMED = 5_000
MOST_PIXELS = 100_000_000
OFFICE = "application/vnd.openxmlformats-officedocument."
ODT = "application/vnd.oasis.opendocument.text"
ENDINGS = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "text/csv": "csv",
    f"{OFFICE}wordprocessingml.document": "docx", f"{OFFICE}spreadsheetml.sheet": "xlsx",
    f"{OFFICE}presentationml.presentation": "pptx", ODT: "odt",
}  # fmt: skip
WORDS = {
    "pdf": "PDF", "png": "PNG image", "jpg": "JPEG image", "csv": "CSV", "docx": "Word document",
    "xlsx": "Excel workbook", "pptx": "PowerPoint slides", "odt": "OpenDocument text",
}  # fmt: skip
TYPES = "[Content_Types].xml"
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unpack in one piece
UNKNOWN = "Only PDF, DOCX, XLSX, PPTX, ODT, CSV, PNG and JPEG files can be attached."
ACTIVE = "The file holds macros or other programs: remove them and attach it again."
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia)\b")
_PDF_COUNT = re.compile(rb"/Count\s+(\d{1,12})")
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b")
_RUNS = re.compile(
    r"(?i)vbaproject|vbadata|activex|oleobject|/embeddings/|^basic/|^scripts/"
    r"|\.(?:exe|dll|com|bat|cmd|ps1|vbs|js|jar|sh|msi|scr|hta|bin|zip|docx|xlsx|pptx|docm|svg)$"
)
_PRINTER = re.compile(r"(?i)printersettings\d*\.bin$")
_LINK = re.compile(rb"<Relationship\b[^>]*>")


def checked(body: bytes, name: str) -> tuple[bytes, str]:
    """The bytes to keep and their media type. Raises `Refused` in words."""
    if body.startswith(b"%PDF-"):
        _check_pdf(body)
        return body, "application/pdf"
    if body.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return _picture(body)
    if body.startswith(b"PK\x03\x04"):
        return body, _archive(body)
    if name.lower().endswith(".csv"):
        _check_csv(body)
        return body, "text/csv"
    raise Refused(UNKNOWN)


def _check_pdf(body: bytes) -> None:
    if _PDF_ACTIVE.search(body):
        raise Refused(ACTIVE)
    claimed = max((int(one) for one in _PDF_COUNT.findall(body)), default=0)
    if max(claimed, len(_PDF_PAGE.findall(body))) > MOST_PAGES_CLAIMED:
        raise Refused(f"The PDF has more than {MOST_PAGES_CLAIMED:,} pages: split it.")


def _picture(body: bytes) -> tuple[bytes, str]:
    width, height = shape(body)
    if width * height > MOST_PIXELS:
        raise Refused("The image is larger than 100 megapixels: send a smaller one.")
    return without_notes(body), "image/png" if body.startswith(b"\x89") else "image/jpeg"


def _check_csv(body: bytes) -> None:
    try:
        text = body.decode("utf-8-sig")
        if "\0" in text or text.lstrip().startswith(("<", "MZ")):
            raise Refused(UNKNOWN)
        next(csv.reader(io.StringIO(text)), None)
    except (UnicodeDecodeError, csv.Error):
        raise Refused("The CSV file cannot be read: save it in UTF-8.") from None


def _archive(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            check_entries(entries, len(body))
            about = _about(archive)
            kind = _office_kind(about)
            _check_links(archive.namelist(), about)
            return kind
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, ValueError,
            NotImplementedError, RuntimeError) as error:  # fmt: skip
        if isinstance(error, Refused):
            raise
        raise Refused("The file is damaged or locked by a password: save it anew.") from None


def check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Not too many, not blown up, none that leads out or runs. Raises `Refused` in words."""
    if len(entries) > MOST_ENTRIES:
        raise Refused("The file is made of more than 2,000 parts: save it anew, or as a PDF.")
    if sum(one.file_size for one in entries) > MOST_RATIO * size:
        raise Refused("The file unpacks to more than 100 times its size: it is not kept.")
    _check_sizes(entries)
    for one in entries:
        path = PurePosixPath(one.filename)
        is_link = (one.external_attr >> 16) & 0o170000 == 0o120000
        if path.is_absolute() or ".." in path.parts or "\\" in one.filename or is_link:
            raise Refused("The file holds parts that lead out of it: it is not kept.")
        if _RUNS.search(one.filename) and not _PRINTER.search(one.filename):
            raise Refused(ACTIVE)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if any(one.compress_type not in PACKED for one in entries):
        raise Refused("The file is packed in an unusual way: save it anew, or as a PDF.")
    if any(one.file_size > MOST_OF_ONE for one in entries):
        raise Refused("A part of the file unpacks to more than 100 MB: send it in pieces.")
    if sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise Refused("The file unpacks to more than 200 MB: send it in pieces.")


def unpacked(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """A part, never more of it than the archive itself says it holds; `read` would unpack all."""
    with archive.open(one) as part:
        return part.read(one.file_size)


def _about(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The few short parts that say what a file is and what it links to."""
    short = [
        one for one in archive.infolist()
        if one.filename in {TYPES, "mimetype"} or one.filename.endswith(".rels")
    ]  # fmt: skip
    if sum(one.file_size for one in short) > MOST_ABOUT:
        raise Refused("What the file says of its own parts is longer than 2 MB: save it anew.")
    return {one.filename: unpacked(archive, one) for one in short}


def _office_kind(about: dict[str, bytes]) -> str:
    if TYPES in about:
        types = about[TYPES]
        if b"macroEnabled" in types or b"<!DOCTYPE" in types:
            raise Refused(ACTIVE)
        for kind in ENDINGS:
            if kind.startswith(OFFICE) and f"{kind}.main+xml".encode() in types:
                return kind
    elif about.get("mimetype", b"").strip() == ODT.encode():
        return ODT
    raise Refused(UNKNOWN)


def _check_links(names: list[str], about: dict[str, bytes]) -> None:
    """A link that a reader may follow stays; what a program fetches by itself does not."""
    links = [
        link for name in about if name.endswith(".rels") for link in _LINK.findall(about[name])
    ]
    fetched = (b'"External"' in link and b"/hyperlink" not in link for link in links)
    if any("externallinks/" in name.lower() for name in names) or any(fetched):
        raise Refused("The file fetches parts from elsewhere: put them into it.")
