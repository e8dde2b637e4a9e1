"""`content sync` and `content export`: practices between files and database, without loss."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.library import actions, carried, steps
from portal.library.front_matter import (
    VISIBILITIES,
    BadFile,
    PracticeFile,
    content_hash,
    dump,
    parse,
)
from portal.library.lint import warnings
from portal.library.models import FormerAddress, Practice, PracticeStatus
from portal.library.taxonomy import FOLDER

OWN = FOLDER / "library"
FROM_A_FILE = "From a file"
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Outcome:
    slug: str
    what: str  # new | changed | unchanged | newer here | conflict | refused | archived | no file
    words: str = ""
    lines: tuple[str, ...] = ()  # of a conflict: ours against the file's
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What a run may do beyond taking changes over."""

    is_trial: bool = False  # nothing is written beside the files; the caller rolls back
    may_archive: bool = False  # what was in step with a file that is gone
    may_widen: bool = False  # an approver lets files open practices to more people
    is_of_desk: bool = False  # an editor sent it: nothing of it goes round the review


def sync(
    folder: Path = OWN, progress: Progress | None = None, rules: Rules | None = None
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
        return _kept(file, lambda: _add(file, path, rules), "new")
    refs.setdefault(practice.ref, file.slug)
    return _compare(practice, file, path, rules)


def _compare(practice: Practice, file: PracticeFile, path: Path, rules: Rules) -> Outcome:
    ours = actions.hash_now(practice)
    if file.hash == ours:
        practice.synced_hash = ours
        if file.slug != practice.slug:
            return _renamed(practice, file)
        return Outcome(file.slug, "unchanged", warnings=tuple(warnings(file.front, file.body)))
    if _was_ours(practice, file):
        return Outcome(file.slug, "newer here", "the file is an older version of it")
    if ours == practice.synced_hash:
        if _is_wider(practice, file) and not rules.may_widen:
            return Outcome(file.slug, "refused", "a file cannot widen who may read it")
        return _kept(file, lambda: _change(practice, file, path, rules), "changed")
    if file.hash == practice.synced_hash:
        return Outcome(file.slug, "newer here", "portal content export writes it")
    beside, version = path.with_name(f"{path.stem}.conflict.md"), exported(practice)
    if not rules.is_trial:
        beside.write_text(dump(version, practice.body), encoding="utf-8")
    here, there = dump(version, practice.body), dump(file.front, file.body)
    lines = unified_diff(
        here.splitlines(), there.splitlines(), "here", path.name, n=1, lineterm=""
    )
    return Outcome(file.slug, "conflict", f"compare it with {beside.name}", lines=tuple(lines))


def _renamed(practice: Practice, file: PracticeFile) -> Outcome:
    """A file of another name is the same practice by its id: its address goes along."""
    if _was_its_address(practice, file.slug):
        return Outcome(file.slug, "newer here", f"its address is {practice.slug} now")
    return _kept(file, lambda: actions.move_to(practice, file.slug), "changed")


def _was_its_address(practice: Practice, slug: str) -> bool:
    former = select(FormerAddress.id).where(
        FormerAddress.slug == slug, FormerAddress.practice_id == practice.id
    )
    return db.session.scalar(former) is not None


def _was_ours(practice: Practice, file: PracticeFile) -> bool:
    """Is the file a version that we have gone on from? It must never go over what came after."""
    was = content_hash(file.front, file.body)
    return any(
        content_hash(one.front, one.body) == was
        for one in practice.revisions if one.version < practice.version
    )  # fmt: skip


def _kept(file: PracticeFile, take: Callable[[], None], what: str) -> Outcome:
    """All of a file or nothing of it; the others go on."""
    try:
        with db.session.begin_nested():
            take()
    except Refused as refusal:
        return Outcome(file.slug, "refused", str(refusal))
    except IntegrityError:
        return Outcome(file.slug, "refused", "another practice has its address or its id")
    return Outcome(file.slug, what, warnings=tuple(warnings(file.front, file.body)))


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


def _add(file: PracticeFile, path: Path, rules: Rules) -> None:
    front = file.front
    if rules.is_of_desk:  # it takes the way of every other draft
        front = {k: one for k, one in front.items() if k not in {"published", "updated"}}
        front |= {"status": "draft"}
    practice = Practice(
        ref=front["id"], slug=file.slug, version=int(front.get("version", 1)),
        status=PracticeStatus(front.get("status", "draft")),
    )  # fmt: skip
    actions.fill(practice, front, file.body)
    practice.published_on = _day(front.get("published"))
    practice.updated_on = _day(front.get("updated")) or practice.published_on
    practice.synced_hash = file.hash
    db.session.add(practice)
    _carry(practice, front, path.parent, rules)
    actions.keep_revision(practice, str(front.get("change_note", FROM_A_FILE)), None)
    audit.record("practice.imported", practice, slug=file.slug)


def _is_wider(practice: Practice, file: PracticeFile) -> bool:
    """Does it open the practice to anybody for whom no editor decided?"""
    old, new = (str(front.get("visibility", "members")) for front in (practice.front, file.front))
    if new == "members" and file.front.get("teaser") and not practice.has_teaser:
        return True
    ranks = [VISIBILITIES.index(one.partition(":")[0]) for one in (old, new)]
    return ranks[1] > ranks[0] or (ranks[0] == ranks[1] and old != new)


def _change(practice: Practice, file: PracticeFile, path: Path, rules: Rules) -> None:
    front = {**file.front, "status": practice.status.value}
    if practice.status in actions.DECIDED:
        raise Refused("what was reviewed is what is published: return it to draft first")
    if practice.status is PracticeStatus.PUBLISHED and rules.is_of_desk:
        steps.refuse_new_law(practice.front, front)
    actions.fill(practice, front, file.body)
    _carry(practice, file.front, path.parent, rules)
    if not _was_its_address(practice, file.slug):
        actions.move_to(practice, file.slug)
    practice.version += 1
    practice.synced_hash = actions.hash_now(practice)
    actions.keep_revision(practice, str(file.front.get("change_note", FROM_A_FILE)), None)
    audit.record("practice.imported", practice, slug=file.slug, version=practice.version)


def _carry(practice: Practice, front: Mapping[str, Any], folder: Path, rules: Rules) -> None:
    listed = front.get("attachments") or []
    if rules.is_trial:
        carried.look_at(listed, folder)
    else:
        carried.take(practice, listed, folder)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def export(folder: Path) -> Iterator[Path]:
    """Write every practice as the file it came from, byte for byte when nothing changed.

    Only the portal's own folder is in step with its rows afterwards; any other is a copy that
    somebody takes along, and nothing is noted of it.
    """
    is_own = folder.resolve() == OWN.resolve()
    for practice in db.session.scalars(select(Practice).order_by(Practice.ref)):
        path = folder / practice.theme / f"{practice.slug}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(exported(practice), practice.body), encoding="utf-8")
        carried.write(practice, path.parent)
        if is_own:
            practice.synced_hash = actions.hash_now(practice)
        yield path


def exported(practice: Practice) -> dict[str, object]:
    """The front matter with what the system knows better than the file."""
    days = {"published": practice.published_on, "updated": practice.updated_on}
    facts = {key: day.isoformat() for key, day in days.items() if day}
    if practice.revisions[0].change_note != FROM_A_FILE:  # which such a file does not say itself
        facts["change_note"] = practice.revisions[0].change_note
    return {**actions.whole(practice), **facts, "version": practice.version}
