"""The file form of a practice: YAML front matter and Markdown, read and written the same."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from portal.core.states import Refused
from portal.library.taxonomy import facets

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OWN_PAGES = (  # addresses of the library itself, which no practice can have
    "ask", "benchmarks", "contributions", "files", "proposals", "reply", "reviews", "suggestions",
    "themes",
)  # fmt: skip
SYSTEM = {"version", "change_note", "created", "published", "updated"}
ORDER = (
    "id",
    "title",
    "summary",
    "kind",
    "service",
    "functions_front",
    "functions_back",
    "channels",
    "delivery",
    "stage",
    "other_stages",
    "theme",
    "other_themes",
    "compliance",
    "outcome",
    "evidence",
    "frankness",
    "interest",
    "authors",
    "owner",
    "applies_in",
    "language",
    "translation_of",
    "status",
    "visibility",
    "teaser",
    "version",
    "change_note",
    "created",
    "published",
    "updated",
    "reviewed_on",
    "review_due",
    "sources",
    "figures",
    "related",
    "prerequisites",
    "attachments",
    "checklist",
    "benchmark",
    "not_again",
    "reply",
    "seed",
    "demo",
    "tags",
)
LISTS = {
    "functions_front": "functions_front",
    "functions_back": "functions_back",
    "channels": "channels",
    "delivery": "delivery",
    "compliance": "compliance",
    "other_stages": "stage",
    "other_themes": "theme",
}
ONE_OF = {"kind", "service", "stage", "theme", "evidence"}
TEXTS = (
    *sorted(ONE_OF),
    "id",
    "title",
    "summary",
    "outcome",
    "frankness",
    "language",
    "not_again",
)
SHAPES: dict[str, tuple[type, str]] = (
    dict.fromkeys(TEXTS, (str, "must be text"))
    | dict.fromkeys(
        (*LISTS, "applies_in", "related", "prerequisites", "tags"), (list, "must be a list")
    )
    | dict.fromkeys(("authors", "sources", "figures", "attachments"), (list, "must be a list"))
    | dict.fromkeys(("interest", "reply", "benchmark"), (dict, "must be a map of its own keys"))
    | dict.fromkeys(("teaser", "demo", "checklist"), (bool, "must be true or false"))
)
NAMED = (*LISTS, "applies_in", "related", "prerequisites", "tags")  # lists of words, not of maps
MAPS = ("authors", "sources", "figures", "attachments")
DAYS = ("created", "published", "updated", "reviewed_on", "review_due")
STATUSES = (
    "draft", "in_review", "legal_review", "right_of_reply", "approved", "published", "archived",
    "withdrawn",
)  # fmt: skip
VISIBILITIES = ("staff", "committee", "group", "members", "public")  # each wider than those before
SHARED = re.compile(rf"(committee|group):{SLUG.pattern}")


def kebab(text: str, longest: int = 60) -> str:
    """`Harbour & Sons` as `harbour-sons`: small letters, figures and hyphens; maybe nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")


class BadFile(Refused):
    """A content file that was not taken; the text says which, where and why."""


@dataclass(frozen=True)
class PracticeFile:
    slug: str
    front: dict[str, Any]
    body: str

    @property
    def hash(self) -> str:
        """Of body and front matter without what the system writes itself."""
        return hash_of(self.front, self.body)


def hash_of(front: Mapping[str, Any], body: str) -> str:
    facts = {key: value for key, value in front.items() if key not in SYSTEM}
    text = json.dumps([facts, body.strip()], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


MOVED = SYSTEM | {"status", "reviewed_on", "review_due", "attachments"}


def content_hash(front: Mapping[str, Any], body: str) -> str:
    """Of what is told alone: the same before and after a move through review."""
    return hash_of({key: value for key, value in front.items() if key not in MOVED}, body)


def parse(slug: str, theme: str, text: str) -> PracticeFile:
    """A file as it is, checked. Raises `BadFile` with the line, where a line can be named."""
    lines = re.split("\r\n?|\n", text)  # a page break or a line separator is no end of a line
    try:
        page = _loaded("\n".join(lines))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 2}: " if mark else ""
        raise BadFile(f"{slug}.md, {line}the front matter is not YAML.") from error
    front = _plain(page.metadata)
    for fault in faults(front):
        key = fault.split()[0].strip(":")
        at = next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)
        raise BadFile(f"{slug}.md, line {at}: {fault}")
    if front["theme"] != theme or not SLUG.fullmatch(slug) or len(slug) > 80:
        raise BadFile(f"{slug}.md: its folder must be its theme, its name short and kebab-case.")
    if slug in OWN_PAGES:
        raise BadFile(f"{slug}.md: the library has a page of its own at this address.")
    return PracticeFile(slug, front, page.content.strip() + "\n")


def theme_of(text: str) -> str:
    """What the front matter of a file calls its theme; nothing where it cannot be read."""
    try:
        return str(_loaded(text).metadata.get("theme", ""))
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""


class _Plain(YAMLHandler):
    """Without aliases: a value that stands for another can be made to unfold without end."""

    def load(self, fm: str, **_: object) -> Any:
        events = yaml.parse(fm, Loader=yaml.CSafeLoader)
        if any(isinstance(one, yaml.AliasEvent) for one in events):
            raise yaml.YAMLError("aliases are not read")
        return yaml.load(fm, Loader=yaml.CSafeLoader)


def _loaded(text: str) -> frontmatter.Post:
    return frontmatter.loads(text, handler=_Plain())


def _plain(value: Any) -> Any:
    """YAML's dates as ISO text, so that JSON holds the same."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def faults(front: Mapping[str, Any]) -> list[str]:
    """What is wrong with front matter, each beginning with its key; empty when it is right."""
    misshapen = shape_faults(front)
    if misshapen:
        return misshapen
    found = [f"{key}: give one" for key in ("id", "title", "summary") if not front.get(key)]
    found += [
        f"{key}: {front.get(key)!r} is not one of {', '.join(facets()[key])}"
        for key in sorted(ONE_OF)
        if front.get(key) not in facets()[key]
    ]
    if front.get("outcome") and front["outcome"] not in facets()["outcome"]:
        found.append(
            f"outcome: {front['outcome']!r} is not one of {', '.join(facets()['outcome'])}"
        )
    for key, facet in LISTS.items():
        unknown = set(front.get(key) or []) - set(facets().get(facet, {}))
        found += [f"{key}: {one!r} is not known" for one in sorted(unknown)]
    if not 1 <= len(str(front.get("title", ""))) <= 140:
        found.append("title: 1 to 140 characters")
    if not 40 <= len(str(front.get("summary", ""))) <= 400:
        found.append("summary: 40 to 400 characters")
    return found + frankness_faults(front)


def shape_faults(front: Mapping[str, Any]) -> list[str]:
    """Keys whose value is of the wrong kind, so that no later question can stumble over it."""
    found = [
        f"{key}: {words}"
        for key, (kind, words) in SHAPES.items()
        if key in front and not isinstance(front[key], kind)
    ]
    found += [
        f"{key}: must be a list of words"
        for key in NAMED
        if isinstance(front.get(key), list) and not all(isinstance(x, str) for x in front[key])
    ]
    found += [
        f"{key}: must be a list of maps"
        for key in MAPS
        if isinstance(front.get(key), list) and not all(isinstance(x, dict) for x in front[key])
    ]
    found += [f"{key}: must be a day like 2026-09-03" for key in DAYS if not _is_day(front, key)]
    reply = front.get("reply") or {}
    if (
        isinstance(reply, dict)
        and reply.get("status")
        and not all(reply.get(key) and _is_day(reply, key) for key in ("invited_on", "due"))
    ):
        found.append("reply: give invited_on and due as days")
    if front.get("status", "draft") not in STATUSES:
        found.append(f"status: {front['status']!r} is not one of {', '.join(STATUSES)}")
    visibility = str(front.get("visibility", "members"))
    if visibility not in {"staff", "members", "public"} and not SHARED.fullmatch(visibility):
        allowed = "staff, committee:<slug>, group:<slug>, members, public"
        found.append(f"visibility: {visibility!r} is not one of {allowed}")
    version = front.get("version", 1)
    if type(version) is not int or version < 1:
        found.append("version: must be a whole number from 1")
    return found


def _is_day(front: Mapping[str, Any], key: str) -> bool:
    try:
        date.fromisoformat(str(front.get(key, "2026-01-01"))[:10])
    except ValueError:
        return False
    return True


def frankness_faults(front: Mapping[str, Any]) -> list[str]:
    """A case study says how it went, what it would not do again, and whose interest it serves."""
    if front.get("kind") != "case_study" or front.get("status") == "draft":
        return []
    found = [
        f"{key}: a case study gives one" for key in ("outcome", "interest") if not front.get(key)
    ]
    if len(str(front.get("not_again", ""))) < 80:
        found.append("not_again: a case study says in 80 characters or more what not to do again")
    return found


def dump(front: Mapping[str, Any], body: str) -> str:
    """The file for a practice: the same rows always give the same bytes."""
    known = {key: front[key] for key in ORDER if front.get(key) is not None}
    known |= {
        key: front[key] for key in sorted(front) if key not in known and front[key] is not None
    }
    head = yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{head}---\n\n{body.strip()}\n"
