"""PNG and JPEG files as bytes: how large they are drawn, and without what cameras note in them."""

import struct
from collections.abc import Iterator

from portal.core.states import Refused

PNG = b"\x89PNG\r\n\x1a\n"
PNG_NOTES = {b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"}
JPEG_SHAPES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_NOTES = set(range(0xE1, 0xF0)) - {0xEE} | {0xFE}  # EXIF, XMP, ICC, comments; not Adobe's 14
DAMAGED = "The image is damaged: save it anew."


def shape(body: bytes) -> tuple[int, int]:
    """Width and height in pixels, as the file claims them. Raises `Refused`."""
    try:
        if body.startswith(PNG):
            width, height = struct.unpack(">II", body[16:24])
            return width, height
        for marker, start, _ in _segments(body):
            if marker in JPEG_SHAPES:
                height, width = struct.unpack(">HH", body[start + 5 : start + 9])
                return width, height
    except struct.error:
        pass
    raise Refused(DAMAGED)


def without_notes(body: bytes) -> bytes:
    """The same picture without place, camera, author and remarks. Raises `Refused`."""
    try:
        return b"".join(_png(body) if body.startswith(PNG) else _jpeg(body))
    except (struct.error, IndexError):
        raise Refused(DAMAGED) from None


def _png(body: bytes) -> Iterator[bytes]:
    yield PNG
    at = len(PNG)
    while at < len(body):
        (length,) = struct.unpack(">I", body[at : at + 4])
        kind, end = body[at + 4 : at + 8], at + 12 + length
        if kind not in PNG_NOTES:
            yield body[at:end]
        if kind == b"IEND":  # what is glued on behind the picture goes
            return
        at = end


def _segments(body: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the picture's data."""
    at = 2
    while at + 4 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        (length,) = struct.unpack(">H", body[at + 2 : at + 4])
        yield marker, at, at + 2 + length
        if marker == 0xDA:
            return
        at += 2 + length


def _jpeg(body: bytes) -> Iterator[bytes]:
    yield body[:2]
    for marker, start, end in _segments(body):
        if marker == 0xDA:
            last = body.rfind(b"\xff\xd9")
            yield body[start : last + 2] if last > start else body[start:]
        elif marker not in JPEG_NOTES:
            yield body[start:end]
