"""`content sync` and `content export`: practices between files and database, without loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from portal.core import audit
from portal.core.db import db
from portal.library import actions
from portal.library.front_matter import VISIBILITIES, BadFile, PracticeFile, dump, parse
from portal.library.models import Practice, PracticeStatus
from portal.library.taxonomy import FOLDER

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Outcome:
    slug: str
    what: str  # new | changed | unchanged | newer here | conflict | refused | archived | no file
    words: str = ""


@dataclass(frozen=True)
class Rules:
    """What a run may do beyond taking changes over."""

    is_trial: bool = False  # nothing is written beside the files; the caller rolls back
    may_archive: bool = False  # what was in step with a file that is gone
    may_widen: bool = False  # an approver lets files open practices to more people


def sync(
    folder: Path = FOLDER / "library", progress: Progress | None = None, rules: Rules | None = None
) -> list[Outcome]:
    """Take every file of `folder` over; the caller commits.

    A file and its row that both changed since they last agreed are a conflict: our version is
    laid beside the file as `<slug>.conflict.md`, and neither is overwritten.
    """
    rules = rules or Rules()
    paths = [path for path in sorted(folder.rglob("*.md")) if not path.stem.endswith(".conflict")]
    outcomes: list[Outcome] = []
    refs: dict[str, str] = {}
    for number, path in enumerate(paths, 1):
        outcomes.append(_take(path, refs, rules))
        if progress:
            progress("practices", number, len(paths))
    return outcomes + _without_file(refs, outcomes, rules)


def _take(path: Path, refs: dict[str, str], rules: Rules) -> Outcome:
    """One file. `refs` holds the ids met so far, each with the file that has it."""
    try:
        file = parse(path.stem, path.parent.name, path.read_text(encoding="utf-8"))
    except (BadFile, UnicodeDecodeError) as fault:
        return Outcome(path.stem, "refused", str(fault))
    ref = file.front["id"]
    if ref in refs:
        return Outcome(file.slug, "refused", f"{refs[ref]}.md has the id {ref} already")
    refs[ref] = file.slug
    practice = db.session.scalar(select(Practice).where(Practice.ref == ref))
    practice = practice or db.session.scalar(select(Practice).where(Practice.slug == file.slug))
    if practice is None:
        _add(file)
        return Outcome(file.slug, "new")
    refs.setdefault(practice.ref, file.slug)
    return _compare(practice, file, path, rules)


def _compare(practice: Practice, file: PracticeFile, path: Path, rules: Rules) -> Outcome:
    ours = actions.hash_now(practice)
    if file.hash == ours:
        practice.synced_hash = ours
        return Outcome(file.slug, "unchanged")
    if ours == practice.synced_hash:
        return _change(practice, file, rules)
    if file.hash == practice.synced_hash:
        return Outcome(file.slug, "newer here", "portal content export writes it")
    beside = path.with_name(f"{path.stem}.conflict.md")
    if not rules.is_trial:
        beside.write_text(dump(practice.front, practice.body), encoding="utf-8")
    return Outcome(file.slug, "conflict", f"compare it with {beside.name}")


def _without_file(refs: dict[str, str], outcomes: list[Outcome], rules: Rules) -> list[Outcome]:
    """Published practices that came from files which are gone.

    None is archived while a file is refused: that file may be the one that is missed.
    """
    query = select(Practice).where(
        Practice.status == PracticeStatus.PUBLISHED, Practice.synced_hash != ""
    )
    is_sure = rules.may_archive and not any(one.what == "refused" for one in outcomes)
    found = []
    for practice in db.session.scalars(query.order_by(Practice.ref)):
        if practice.ref in refs or practice.slug in {one.slug for one in outcomes}:
            continue
        if is_sure and actions.hash_now(practice) == practice.synced_hash:
            actions.move(practice, PracticeStatus.ARCHIVED, "Its file was deleted")
            found.append(Outcome(practice.slug, "archived", "its file was deleted"))
        else:
            found.append(Outcome(practice.slug, "no file", "kept as it is"))
    return found


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


def _change(practice: Practice, file: PracticeFile, rules: Rules) -> Outcome:
    """Only ever narrower, unless an approver says so: the editor decided who may read it."""
    wanted = file.front.get("visibility", "members")
    is_wider = VISIBILITIES.index(wanted) > VISIBILITIES.index(practice.visibility.value)
    if is_wider and not rules.may_widen:
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
