"""`content sync` and `content export`: practices between files and database, without loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import or_, select

from portal.core import audit
from portal.core.db import db
from portal.library import actions
from portal.library.front_matter import BadFile, PracticeFile, dump, parse
from portal.library.models import Practice, PracticeStatus, Visibility
from portal.library.taxonomy import FOLDER

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Outcome:
    slug: str
    what: str  # new | changed | unchanged | newer here | conflict | refused
    words: str = ""


def sync(folder: Path = FOLDER / "library", progress: Progress | None = None) -> list[Outcome]:
    """Take every file of `folder` over; the caller commits.

    A file and its row that both changed since they last agreed are a conflict: our version is
    laid beside the file as `<slug>.conflict.md`, and neither is overwritten.
    """
    paths = [path for path in sorted(folder.rglob("*.md")) if not path.stem.endswith(".conflict")]
    outcomes = []
    for number, path in enumerate(paths, 1):
        outcomes.append(_take(path))
        if progress:
            progress("practices", number, len(paths))
    return outcomes


def _take(path: Path) -> Outcome:
    try:
        file = parse(path.stem, path.parent.name, path.read_text(encoding="utf-8"))
    except (BadFile, UnicodeDecodeError) as fault:
        return Outcome(path.stem, "refused", str(fault))
    known = or_(Practice.ref == file.front["id"], Practice.slug == file.slug)
    practice = db.session.scalar(select(Practice).where(known))
    if practice is None:
        _add(file)
        return Outcome(file.slug, "new")
    ours = actions.hash_now(practice)
    if file.hash == ours:
        practice.synced_hash = ours
        return Outcome(file.slug, "unchanged")
    if ours == practice.synced_hash:
        return _change(practice, file)
    if file.hash == practice.synced_hash:
        return Outcome(file.slug, "newer here", "portal content export writes it")
    beside = path.with_name(f"{path.stem}.conflict.md")
    beside.write_text(dump(practice.front, practice.body), encoding="utf-8")
    return Outcome(file.slug, "conflict", f"compare it with {beside.name}")


def _add(file: PracticeFile) -> None:
    front = file.front
    practice = Practice(
        ref=front["id"], slug=file.slug, version=int(front.get("version", 1)),
        status=PracticeStatus(front.get("status", "draft")),
    )  # fmt: skip
    actions.fill(practice, front, file.body)
    practice.published_on = _day(front.get("published"))
    practice.updated_on = _day(front.get("updated")) or practice.published_on
    practice.synced_hash = file.hash
    db.session.add(practice)
    actions.keep_revision(practice, str(front.get("change_note", "From a file")), None)
    audit.record("practice.imported", practice, slug=file.slug)


def _change(practice: Practice, file: PracticeFile) -> Outcome:
    """Only ever narrower: a file cannot open a practice to more people than the editor did."""
    order = [Visibility.STAFF, Visibility.MEMBERS, Visibility.PUBLIC]
    wanted = Visibility(file.front.get("visibility", "members"))
    if order.index(wanted) > order.index(practice.visibility):
        return Outcome(file.slug, "refused", "a file cannot widen who may read it")
    front = {**file.front, "status": practice.status.value}
    actions.fill(practice, front, file.body)
    practice.slug, practice.version = file.slug, practice.version + 1
    practice.synced_hash = actions.hash_now(practice)
    actions.keep_revision(practice, str(file.front.get("change_note", "From a file")), None)
    audit.record("practice.imported", practice, slug=file.slug, version=practice.version)
    return Outcome(file.slug, "changed")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def export(folder: Path) -> Iterator[Path]:
    """Write every practice as the file it came from, byte for byte when nothing changed."""
    for practice in db.session.scalars(select(Practice).order_by(Practice.ref)):
        path = folder / practice.theme / f"{practice.slug}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(exported(practice), practice.body), encoding="utf-8")
        practice.synced_hash = actions.hash_now(practice)
        yield path


def exported(practice: Practice) -> dict[str, object]:
    """The front matter with what the system knows better than the file."""
    days = {"published": practice.published_on, "updated": practice.updated_on}
    facts = {key: day.isoformat() for key, day in days.items() if day}
    return {**practice.front, **facts, "version": practice.version}
