"""Which list of measures an address asks for, and how the page says it back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import abort, request
from flask_login import current_user

from portal.committees.queries import committees_of
from portal.core import clock
from portal.core.access import Permission
from portal.core.web import with_argument
from portal.legislation import audience, lists
from portal.legislation.counting import Counts
from portal.legislation.queries import Filters
from portal.legislation.stages import TOPICS, WORDS, Stage
from portal.notices import queries as follows
from portal.places.models import Level
from portal.places.queries import place_by_slug
from portal.places.views import LEVELS

SHOWN = timedelta(days=7)  # what is new to whoever has marked nothing as read yet
NAMES = (*lists.NAMES, "following", "new", "unreviewed")


def asked_for() -> Filters:
    """The filters of the address; a place that does not exist is a page that does not either."""
    args = request.args
    slug = args.get("jurisdiction", "")
    mine = current_user.is_authenticated and "following" in args
    found = Filters(
        text=args.get("q", "").strip()[:200],
        place=(place_by_slug(slug) or abort(404)) if slug else None,
        level=args.get("level", ""),
        topic=args.get("topic", ""),
        stage=args.get("stage", ""),
        sponsor=args.get("sponsor", "").strip()[:300],
        committee=args.get("committee", "").strip()[:300],
        followed_by=current_user.id if mine else None,
    )
    return _narrowed(found) if current_user.is_authenticated else found


def _narrowed(filters: Filters) -> Filters:
    """By what is new to this person, or not gone through by their committees, where asked."""
    if "new" in request.args:
        since = follows.read_until(current_user.id, audience.KIND) or clock.now() - SHOWN
        filters = replace(filters, since=since)
    if "unreviewed" in request.args and current_user.may(Permission.COMMITTEE_NOTES):
        mine = tuple(one.id for one in committees_of(current_user))
        filters = replace(filters, unreviewed_by=mine)
    return filters


def chips(filters: Filters) -> list[dict[str, str]]:
    words = {
        "q": f"“{filters.text}”" if filters.text else "",
        "jurisdiction": filters.place.name if filters.place else "",
        "level": LEVELS[Level(filters.level)] if filters.level in set(Level) else filters.level,
        "topic": TOPICS.get(filters.topic, filters.topic),
        "stage": WORDS[Stage(filters.stage)] if filters.stage in set(Stage) else filters.stage,
        "sponsor": f"Sponsor: {filters.sponsor}" if filters.sponsor else "",
        "committee": filters.committee,
        "following": "Followed by me" if filters.followed_by else "",
        "new": "New to me" if filters.since else "",
        "unreviewed": "Not gone through" if filters.unreviewed_by else "",
    }
    return [
        {"text": text, "url": with_argument(name, None)} for name, text in words.items() if text
    ]


def facets(filters: Filters, found: Counts) -> list[tuple[str, list[dict[str, Any]]]]:
    made = []
    kinds: list[tuple[str, str, dict[Any, str]]] = [
        ("topic", "Topic", TOPICS),
        ("stage", "Stage", WORDS),
        ("level", "Level", LEVELS),
    ]
    for name, title, words in kinds:
        counts, chosen = getattr(found, name), getattr(filters, name)
        rows = [
            {
                "text": text,
                "count": counts.get(str(value), 0),
                "chosen": str(value) == chosen,
                "url": with_argument(name, None if str(value) == chosen else str(value)),
            }
            for value, text in words.items()
            if counts.get(str(value)) or str(value) == chosen
        ]
        made.append((title, rows))
    return made
