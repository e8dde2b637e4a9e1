"""Who follows a theme is told of its new practices, each at most once. The caller commits."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.association.queries import day_of, today
from portal.core import clock
from portal.core.db import db
from portal.library.models import Practice
from portal.library.queries import may_see_title, published
from portal.library.taxonomy import facets
from portal.notices import actions as notices
from portal.notices.models import Follow, Notice, Often
from portal.notices.queries import wants, was_told

THEME = "theme:"  # begins the kind of the follow
MAIL = "theme_news"  # the kind of mail that may be stopped
TOLD, KNOWN = "library/new_in_theme", "library/known_in_theme"
EVERY = {
    Often.INSTANT: timedelta(0), Often.DAILY: timedelta(days=1), Often.WEEKLY: timedelta(days=7)
}  # fmt: skip


def key_of(practice_id: int, person_id: int) -> str:
    """Of themes as a whole: who follows two of one practice's hears of it once."""
    return f"new_practice:{practice_id}:{person_id}"


def found_key(practice_id: int, person_id: int, day: date) -> str:
    """That a saved search told of it on that day."""
    return f"found_practice:{practice_id}:{person_id}:{day}"


def follow(theme: str, person: Person | Any, often: Often) -> None:
    """From the next practice on: those of today are on the screen."""
    db.session.get_one(Person, person.id, with_for_update={"key_share": True})
    notices.follow(person.id, THEME + theme, often=often)
    for one in new_in(theme, today()):
        notices.once(key_of(one.id, person.id), KNOWN, f"practice:{one.id}", person.id)


def new_in(theme: str, since: date) -> list[Practice]:
    """Published on that day or later, the theme being its main one or another of its own."""
    found = db.session.scalars(
        published().where(Practice.published_on >= since).order_by(Practice.id)
    )
    return [one for one in found if theme in {one.theme, *(one.front.get("other_themes") or ())}]


def due() -> Sequence[int]:
    """Follows of themes whose pace allows a mail now."""
    last = select(func.max(Notice.at)).where(
        Notice.person_id == Follow.person_id, Notice.kind == TOLD, Notice.subject == Follow.kind
    )
    query = (
        select(Follow, last.scalar_subquery())
        .join(Person, Person.id == Follow.person_id)
        .where(Follow.kind.startswith(THEME, autoescape=True), Person.disabled_at.is_(None))
    )
    now, found = clock.now(), db.session.execute(query.order_by(Follow.id)).all()
    return [one.id for one, at in found if at is None or now - at >= EVERY[one.often]]


def tell(follow_id: int) -> bool:
    """One mail of all that is new and may be seen; False when nothing is.

    What a saved search told the same day counts as told.
    """
    follow = db.session.get(Follow, follow_id)
    if follow is None:
        return False
    person, theme = follow.person, follow.kind.removeprefix(THEME)
    day, is_wanted, fresh = today(), wants(follow.person_id, MAIL), []
    for one in new_in(theme, day_of(follow.since_at)):
        if not may_see_title(one, person) or was_told(key_of(one.id, person.id)):
            continue
        is_news = is_wanted and not was_told(found_key(one.id, person.id, day))
        kind = TOLD if is_news else KNOWN
        if notices.once(key_of(one.id, person.id), kind, f"practice:{one.id}", person.id):
            fresh += [one] if is_news else []
    if not fresh:
        return False
    return notices.mail_once(
        f"{follow.kind}:{person.id}:{fresh[0].id}", TOLD, person, follow.kind,
        practices=fresh, theme=facets()["theme"].get(theme, theme), slug=theme,
        stop=notices.stop_token(person.id, MAIL),
    )  # fmt: skip


def told_on(practice_id: int, person_id: int, day: date) -> bool:
    """Did the follow of a theme tell of it on that day?"""
    at = db.session.scalar(
        select(Notice.at).where(Notice.key == key_of(practice_id, person_id), Notice.kind == TOLD)
    )
    return at is not None and day_of(at) == day
