"""What an attachment is, by its content, and why one is refused. Reads little, unpacks nothing."""

import csv
import io
import re
import zipfile
from pathlib import PurePosixPath

from portal.core.pictures import shape, without_notes
from portal.core.states import Refused

MOST_ENTRIES, MOST_RATIO = 2_000, 100
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
            kind = _office_kind(archive)
            _check_links(archive)
            return kind
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, ValueError, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        if isinstance(error, Refused):
            raise
        raise Refused("The file is damaged or locked by a password: save it anew.") from None


def check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Not too many, not blown up, none that leads out or runs. Raises `Refused` in words."""
    if len(entries) > MOST_ENTRIES:
        raise Refused("The file is made of more than 2,000 parts: save it anew, or as a PDF.")
    if sum(one.file_size for one in entries) > MOST_RATIO * size:
        raise Refused("The file unpacks to more than 100 times its size: it is not kept.")
    for one in entries:
        path = PurePosixPath(one.filename)
        is_link = (one.external_attr >> 16) & 0o170000 == 0o120000
        if path.is_absolute() or ".." in path.parts or "\\" in one.filename or is_link:
            raise Refused("The file holds parts that lead out of it: it is not kept.")
        if _RUNS.search(one.filename) and not _PRINTER.search(one.filename):
            raise Refused(ACTIVE)


def _office_kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        types = archive.read("[Content_Types].xml")
        if b"macroEnabled" in types or b"<!DOCTYPE" in types:
            raise Refused(ACTIVE)
        for kind in ENDINGS:
            if kind.startswith(OFFICE) and f"{kind}.main+xml".encode() in types:
                return kind
    elif "mimetype" in names and archive.read("mimetype").strip() == ODT.encode():
        return ODT
    raise Refused(UNKNOWN)


def _check_links(archive: zipfile.ZipFile) -> None:
    """A link that a reader may follow stays; what a program fetches by itself does not."""
    for name in archive.namelist():
        if "externallinks/" in name.lower():
            raise Refused("The file fetches parts from elsewhere: put them into it.")
        for link in _LINK.findall(archive.read(name)) if name.endswith(".rels") else ():
            if b'"External"' in link and b"/hyperlink" not in link:
                raise Refused("The file fetches parts from elsewhere: put them into it.")
