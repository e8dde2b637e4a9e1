"""A bill as every source is brought to: one plain form, read from records kept as they came.

Days are ISO texts (`2026-03-06`) in the zone of the bill's place, instants ISO texts in UTC,
and "" is "the source does not say". Actions are in order of time.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

EFFECTIVE = "effective"  # the class of a row that only says when a law takes effect


class Unreadable(ValueError):
    """A file, or a row of one, that is not what it should be; the words say what."""


@dataclass(frozen=True)
class Action:
    """What a chamber did. `classes` are the source's own words for it."""

    text: str
    on: str = ""
    at: str = ""
    body: str = ""
    classes: tuple[str, ...] = ()
    key: str = ""
    result: str = ""


@dataclass(frozen=True)
class Sponsor:
    """Who stands behind a bill; one that withdrew stays in the history, out of the count."""

    name: str
    role: str = "co"  # primary, co, joint, committee
    party: str = ""
    district: str = ""
    joined_on: str = ""
    withdrawn_on: str = ""
    key: str = ""
    is_original: bool = False


@dataclass(frozen=True)
class Version:
    name: str
    on: str = ""
    url: str = ""
    digest: str = ""
    text: str = ""


@dataclass(frozen=True)
class Paper:
    """A document beside the text: a fiscal note, a report, an attachment."""

    name: str
    kind: str = ""
    on: str = ""
    url: str = ""


@dataclass(frozen=True)
class Vote:
    """A roll call. `counts` is what the source states; `voters` are (name, option) as read."""

    key: str
    motion: str
    result: str = ""
    on: str = ""
    body: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    voters: tuple[tuple[str, str], ...] = ()

    @property
    def is_mismatched(self) -> bool:
        """True when the names read do not add up to the counts that were stated."""
        if not self.voters or not self.counts:
            return False
        return len(self.voters) != sum(self.counts.values())


@dataclass(frozen=True)
class Title:
    text: str
    kind: str = "official"  # official, short, popular, long, former, portion
    since: str = ""


@dataclass(frozen=True)
class Relation:
    """Another bill, as the source names it; `relation` is one of RELATIONS."""

    identifier: str
    session: str
    relation: str


RELATIONS = {
    "companion": "Companion", "identical": "Identical", "prior_session": "Of an earlier session",
    "reintroduced_as": "Brought in again as", "replaces": "Replaces",
    "replaced_by": "Replaced by", "carried_over_from": "Carried over from",
    "carried_over_to": "Carried over to", "merged_into": "Merged into",
    "substituted_for": "Substituted for", "chapter_amendment_of": "Amends the chapter of",
    "enables": "Enables", "enabled_by": "Enabled by", "related": "Related",
    "similar": "Similar", "procedural": "Procedure",
}  # fmt: skip
SYMMETRIC = frozenset({"companion", "identical", "related", "similar"})


@dataclass(frozen=True)
class Bill:
    """`place` is a slug or a code of somebody else's; `status` is the source's own word."""

    source: str
    key: str
    place: str
    session: str
    identifier: str
    title: str
    kind: str = "bill"
    house: str = ""
    status: str = ""
    status_code: str = ""
    status_on: str = ""
    introduced_on: str = ""
    revised_at: str = ""
    law: str = ""
    effective_on: str = ""
    abstract: str = ""
    url: str = ""
    committee: str = ""
    is_session_over: bool = False
    titles: tuple[Title, ...] = ()
    actions: tuple[Action, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    versions: tuple[Version, ...] = ()
    papers: tuple[Paper, ...] = ()
    votes: tuple[Vote, ...] = ()
    related: tuple[Relation, ...] = ()
    subjects: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # dockets, former numbers, public laws
    facts: dict[str, Any] = field(default_factory=dict)  # what one source's rules alone need

    @property
    def latest_action_on(self) -> str:
        """The day of the last act of a body; the day a law takes effect is none."""
        return max((one.on for one in self.actions if EFFECTIVE not in one.classes), default="")

    @property
    def standing(self) -> tuple[Sponsor, ...]:
        """Those who have not withdrawn."""
        return tuple(one for one in self.sponsors if not one.withdrawn_on)


def localized(bill: Bill, zone: str) -> Bill:
    """The same with the days of its instants in the zone of its place, in order of time."""
    there = ZoneInfo(zone)
    actions = [replace(one, on=one.on or day_of(one.at, there)) for one in bill.actions]
    votes = tuple(local_vote(one, zone) for one in bill.votes)
    versions = tuple(replace(one, on=day_of(one.on, there)) for one in bill.versions)
    introduced = bill.introduced_on or min((one.on for one in actions if one.on), default="")
    return replace(
        bill, actions=tuple(actions), votes=votes, versions=versions, introduced_on=introduced
    )


def local_vote(vote: Vote, zone: str) -> Vote:
    """The same on the day that it was where the vote was taken."""
    return replace(vote, on=day_of(vote.on, ZoneInfo(zone)))


def day_of(text: str, zone: ZoneInfo) -> str:
    """The local day of a day (itself), or of an instant; "" of what is neither."""
    if len(text) <= 10:
        return text
    at = datetime.fromisoformat(text)
    return (at.astimezone(zone) if at.tzinfo else at).date().isoformat()


def number_key(identifier: str) -> str:
    """The number however it is spelled: `H.R. 4954`, `hr4954` and `HR 04954` are one.

    Letters that mean something stay: `PR51` is not `51`, `S1826C` not `S1826`.
    """
    text = unicodedata.normalize("NFKC", identifier).upper()
    text = re.sub(r"\s*\((?:\d+(?:ST|ND|RD|TH)|[12]\d{3}).*?\)\s*$", "", text)
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    text = re.sub(r"[.\s]", "", text)
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)


def session_key(identifier: str) -> str:
    text = unicodedata.normalize("NFKC", identifier).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text).strip().rstrip("/").lower()


def session_of_curated(number: str, year: int) -> str:
    """Of a measure that people wrote down: the Congress it names, otherwise its year."""
    named = re.search(r"\((\d+)(?:st|nd|rd|th)\b", number)
    return named[1] if named else str(year)
