"""Files beside practices: attaching, removing, reading their text, finding and counting them."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core import audit, clock, files, jobs
from portal.core.db import db, release
from portal.core.extracting import names_in
from portal.core.file_checks import ENDINGS, WORDS, checked
from portal.core.search import Document, index
from portal.core.states import Refused
from portal.library.documents import Above, places_above
from portal.library.documents import document as document_of_practice
from portal.library.front_matter import kebab
from portal.library.models import Attachment, Extraction, Practice, PracticeStatus

MOST, MOST_TOGETHER = 25 * 2**20, 100 * 2**20
PICTURES = {"png", "jpg"}
NAMELESS = PICTURES | {"csv"}  # the first lose their notes, the last has none
EXTRACT = "portal.library.jobs.extract"
PARTS = {"pdf": "p.", "pptx": "slide", "xlsx": "sheet"}  # the others have none to name
WEIGHT = 0.7  # beside practices: a file is found under what explains it


class TooLarge(Refused):
    """More bytes than one file, or the files of one practice, may have."""


def ending(one: Attachment) -> str:
    return ENDINGS[one.content_type]


def kind_of(one: Attachment) -> str:
    return WORDS[ending(one)]


def attach(practice: Practice, body: bytes, name: str, title: str) -> Attachment:
    """Keep a file that was checked. Raises `Refused` and `TooLarge` in words."""
    if len(body) > MOST:
        raise TooLarge("The file is larger than 25 MB: send a smaller one.")
    if sum(one.size for one in practice.attachments) + len(body) > MOST_TOGETHER:
        raise TooLarge("The files of one practice may have 100 MB together: remove one first.")
    body, content_type = checked(body, name)
    kept = files.put(body, content_type, f".{ENDINGS[content_type]}")
    made = Attachment(
        practice=practice, title=title, key=kept.key, content_type=content_type, size=kept.size,
        sha256=kept.sha256, extraction=Extraction.QUEUED, pages=[], added_at=clock.now(),
    )  # fmt: skip
    if ENDINGS[content_type] in PICTURES:
        made.extraction = Extraction.NO_TEXT
    db.session.add(made)
    db.session.flush()
    if made.extraction is Extraction.QUEUED:
        jobs.queue(EXTRACT, key=f"extract:{made.id}", attachment_id=made.id)
    index.changed("attachment", made.id)
    audit.record("practice.file_attached", practice, title=title, sha256=kept.sha256)
    return made


def refuse_names(practice: Practice, body: bytes, name: str) -> None:
    """What stands beside a pseudonym names nobody. Ends the caller's transaction: it is slow."""
    is_told_by_name = practice.front.get("frankness") != "anonymised"
    if is_told_by_name or len(body) > MOST:
        return
    kind = ENDINGS[checked(body, name)[1]]
    if kind in NAMELESS:
        return
    release()
    found = names_in(kind, body)
    if found is None:
        raise Refused("Whom the file names cannot be read: save it anew, without a password.")
    if found:
        said = ", ".join(f"“{one}”" for one in found[:3])
        raise Refused(
            f"This practice is told under a pseudonym, and the file’s properties, comments or "
            f"marked changes name {said}: take that out and attach it again."
        )


def remove(one: Attachment) -> None:
    """The row goes; the caller deletes the bytes under `key` after the commit."""
    audit.record("practice.file_removed", one.practice, title=one.title, sha256=one.sha256)
    index.changed("attachment", one.id)
    db.session.delete(one)


def file_name(one: Attachment) -> str:
    """`A07-v3-scoring-sheet.xlsx`: letters, figures and hyphens, whatever the title holds."""
    words = kebab(one.title) or "file"
    return f"{one.practice.ref}-v{one.practice.version}-{words}.{ending(one)}"


def documents(only: int | None = None) -> Iterable[Document]:
    """What the search finds of files: for whoever may read their practice, while it is open."""
    query = (
        select(Attachment)
        .join(Attachment.practice)
        .where(Practice.status == PracticeStatus.PUBLISHED)
        .options(joinedload(Attachment.practice))
        .order_by(Attachment.id)
    )
    if only is not None:
        query = query.where(Attachment.id == only)
    above = places_above()
    for one in db.session.scalars(query):
        yield _document(one, above)


def _document(one: Attachment, above: Above) -> Document:
    practice = document_of_practice(one.practice, above)
    part = PARTS.get(ending(one), "")
    return Document(
        key=f"attachment:{one.id}",
        kind="attachment",
        title=one.title,
        summary=f"{kind_of(one)} beside “{one.practice.title}”",
        body="" if part else "\n".join(one.pages),
        url=f"{practice.url}#file-{one.id}",
        audience=practice.audience,
        facets={name: found for name, found in practice.facets.items() if name != "outcome"},
        date=practice.date,
        reviewed_on=practice.reviewed_on,
        review_due=practice.review_due,
        boost=WEIGHT * practice.boost,
        stored=practice.stored | {"kind": kind_of(one), "outcome": "", "part": part},
        pages=tuple(one.pages) if part else (),
    )


def count_download(one: Attachment) -> None:
    """One more in today's file, by nobody in particular: no row is written by a look."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{clock.now().date().isoformat()}.txt").open("a", encoding="ascii") as file:
        file.write(f"{one.id}\n")


def downloads(days: int = 30) -> Counter[int]:
    """How often each file was fetched in the last days, by its id."""
    found: Counter[int] = Counter()
    today = clock.now().date()
    for before in range(days):
        path = _folder() / f"{(today - timedelta(days=before)).isoformat()}.txt"
        if path.exists():
            found.update(int(line) for line in path.read_text("ascii").split() if line.isdigit())
    return found


def _folder() -> Path:
    return current_app.extensions["settings"].data / "downloads"
