"""The whole library as one ZIP to take along, and a ZIP or a file of practices brought in."""

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from portal.core.file_checks import check_entries, unpacked
from portal.core.states import Refused
from portal.library import files
from portal.library.front_matter import SLUG, theme_of
from portal.library.taxonomy import facets

MOST, MOST_TEXT = 25 * 2**20, 2 * 2**20
BROKEN = "The file cannot be opened: send a ZIP of Markdown files, or one of them."


def whole() -> bytes:
    """Every practice with its attachments, in the folders of `content/library`."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        for _ in files.export(folder):
            pass
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                made.write(path, path.relative_to(folder.parent).as_posix())
    return out.getvalue()


def take(body: bytes, name: str, *, is_trial: bool) -> list[files.Outcome]:
    """Take practices over, or only say what would become of them; the caller commits or not.

    Raises `Refused` in words when nothing can be read. What has no file in it stays as it is.
    """
    with _unpacked(body, name) as folder:
        found = files.sync(folder, rules=files.Rules(is_trial=is_trial, is_of_desk=True))
    return [one for one in found if one.what != "no file"]


@contextmanager
def _unpacked(body: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if body.startswith(b"PK\x03\x04"):
            _unzip(body, folder)
        else:
            _one(body, PurePosixPath(name).name, folder)
        yield folder


def _unzip(body: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            check_entries(entries, len(body))
            kept = [(one, _place(one.filename)) for one in entries]
            for one, at in kept:
                if at:
                    path = folder.joinpath(*at)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    _check_size(one)
                    path.write_bytes(unpacked(archive, one))
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError,
            EOFError) as error:  # fmt: skip
        raise error if isinstance(error, Refused) else Refused(BROKEN) from None
    if not any(at and at[-1].endswith(".md") for _, at in kept):
        raise Refused("The ZIP holds no practice: each is theme/address.md in it.")


def _check_size(one: zipfile.ZipInfo) -> None:
    """A text is no longer than a book; what stands beside it no larger than one sent alone."""
    is_text = one.filename.endswith(".md")
    if one.file_size > (MOST_TEXT if is_text else MOST):
        name = PurePosixPath(one.filename).name
        raise Refused(f"{name} is larger than {2 if is_text else 25} MB: it is not read.")


def _place(name: str) -> tuple[str, ...]:
    """Where an entry belongs: `theme/address.md` or `theme/files/name`, in whatever folder."""
    parts = PurePosixPath(name).parts
    for tail in (parts[-3:], parts[-2:]):
        is_file = len(tail) == 3 and tail[1] == "files"
        is_practice = len(tail) == 2 and tail[1].endswith(".md")
        if tail and tail[0] in facets()["theme"] and (is_file or is_practice):
            return tail
    return ()


def _one(body: bytes, name: str, folder: Path) -> None:
    """A single file says its theme in its front matter."""
    slug = name.removesuffix(".md")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(BROKEN) from None
    if not name.endswith(".md") or not SLUG.fullmatch(slug):
        raise Refused("Send a ZIP, or a file called like its address: night-shift-transport.md.")
    theme = theme_of(text)
    if theme not in facets()["theme"]:
        raise Refused("The front matter names no theme of the library.")
    (folder / theme).mkdir()
    (folder / theme / name).write_text(text, encoding="utf-8")
