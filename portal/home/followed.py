"""What a person follows, with its name and where it is; what they may not see is not named."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.db import db
from portal.legislation.models import Measure
from portal.library.following import PRACTICE
from portal.library.models import Practice
from portal.library.queries import may_see_title
from portal.library.taxonomy import label
from portal.library.themes import THEME
from portal.notices.kinds import PACES
from portal.notices.models import Follow
from portal.notices.queries import follows_of


@dataclass(frozen=True)
class Followed:
    id: int
    what: str  # "Theme", "Practice", "Bill"
    name: str
    url: str | None
    pace: str


def followed_by(person: Person) -> list[Followed]:
    """Themes, then bills and practices by their kind."""
    follows = follows_of(person.id)
    practices = {
        one.id: one
        for one in db.session.scalars(
            select(Practice).where(Practice.id.in_(_ids(follows, PRACTICE)))
        )
    }
    measures = {
        one.id: one
        for one in db.session.scalars(
            select(Measure).where(Measure.id.in_(_ids(follows, "measure")))
        )
    }
    found = []
    for one in follows:
        if one.kind.startswith(THEME):
            slug = one.kind.removeprefix(THEME)
            url = f"/library/themes/{slug}"
            found.append(Followed(one.id, "Theme", label("theme", slug), url, PACES[one.often]))
        elif one.kind == PRACTICE:
            found.append(_practice(one, practices.get(one.subject_id), person))
        elif one.kind == "measure" and one.subject_id in measures:
            bill = measures[one.subject_id]
            name, url = f"{bill.number}, {bill.title}", f"/legislation/{bill.id}"
            found.append(Followed(one.id, "Bill", name, url, "Each change"))
    return found


def _practice(one: Follow, practice: Practice | None, person: Person) -> Followed:
    if practice is None or not may_see_title(practice, person):
        return Followed(one.id, "Practice", "One that you may not see any more", None, "")
    url = f"/library/{practice.slug}"
    return Followed(one.id, "Practice", practice.title, url, "Each new version")


def _ids(follows: object, kind: str) -> list[int]:
    return [one.subject_id for one in follows if one.kind == kind]  # type: ignore[attr-defined]
