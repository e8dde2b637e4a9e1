"""The search of the library: results with facets, help where nothing is found, suggestions."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask_login import current_user
from markupsafe import Markup

from portal.association.queries import today
from portal.core.access import Permission, public
from portal.core.search import Hit, Query, Results, as_html
from portal.core.search.index import engine, searched
from portal.core.web import Page, page_number, with_argument
from portal.library import asking, finding, nothing, queries, waiting
from portal.library.asking import FACETS, PAGE_SIZE, SORTS
from portal.library.benchmarks import queries as benchmarks
from portal.library.taxonomy import facets, label
from portal.library.views import OUTCOME_STATES, blueprint, why_locked

YEAR = timedelta(days=365)
FEEDS = {"theme", "kind"}  # a feed is of one of each at most
LANGUAGES = {"en": "English"}


@dataclass(frozen=True)
class Row:
    """A found practice as `practice_row` draws it."""

    url: str
    title: str | Markup
    snippet: Markup
    kind: str
    outcome: tuple[str, str] | None
    minutes: int
    on: date | None
    version: int
    locked: Markup | None
    evidence: str
    reviewed_on: date | None
    is_paid: bool


@blueprint.get("/")
@public
def index() -> str:
    asked = asking.query(request.args, queries.audiences(current_user), page_number())
    found = searched(asked)
    names = queries.place_names(value for value, _ in found.facets.get("place", []))
    name = partial(words_for, places=names)
    page = Page([row(hit) for hit in found.hits], asked.page, found.total, PAGE_SIZE)
    is_plain = not asked.text and not asked.filters
    cases, recent = queries.outcomes(today() - YEAR) if is_plain else ({}, {})
    return render_template(
        "library/index.html",
        page=page, found=found, asked=asked, sorts=sorts(asked),
        chips=chips(asked, names),
        facets=facet_rows(found, asked, names),
        outcomes=cases if is_plain else _outcomes(found, asked),
        recent=recent,
        feed_of={name: asked.filters[name][0] for name in FEEDS & set(asked.filters)},
        is_plain=is_plain, followable=_only_theme(asked),
        surveys=benchmarks.newest(current_user) if is_plain else [],
        to_review=_to_review() if is_plain else 0,
        help=None if found.total or is_plain else nothing.help_for(asked, with_filters, name),
        heading=f"Practices: “{asked.text}”" if asked.text else "Practices",
    )  # fmt: skip


def _outcomes(found: Results, asked: Query) -> dict[str, int]:
    """How those went that are found: of a facet that counts past its own filter, what it keeps."""
    chosen = asked.filters.get("outcome")
    return {one: n for one, n in found.facets.get("outcome", []) if not chosen or one in chosen}


def _only_theme(asked: Query) -> str | None:
    """What the page is about when it is about one theme whole."""
    values = asked.filters.get("theme", ())
    is_whole = not asked.text and set(asked.filters) == {"theme"} and len(values) == 1
    return values[0] if is_whole and values[0] in facets()["theme"] else None


def _to_review() -> int:
    """How many practices wait for this reader as a peer."""
    is_member = current_user.is_authenticated and current_user.may(Permission.LIBRARY_READ)
    return len(waiting.reviews_for(current_user._get_current_object())) if is_member else 0


@blueprint.get("/suggestions")
@public
def suggestions() -> str:
    """Titles and facets that begin as what was typed: for a list under the box, or as a page."""
    text = request.args.get("q", "").strip()[:100]
    audiences = queries.audiences(current_user)
    titles = engine().suggest(text, audiences, frozenset({"practice"}))
    titles = finding.open_titles(titles, current_user)
    words = [
        {"text": words, "url": f"/library/?{urlencode({group: slug})}"}
        for group in ("theme", "kind", "stage", "service")
        for slug, words in facets()[group].items()
        if len(text) > 2 and words.casefold().startswith(text.casefold())
    ]
    template = "library/suggestions.html"
    if request.headers.get("HX-Request"):
        template = "library/_suggestions.html"
    return render_template(template, titles=titles, words=words, text=text)


def row(hit: Hit) -> Row:
    more: dict[str, Any] = hit.stored
    outcome, reviewed = more.get("outcome"), more.get("reviewed")
    state = (OUTCOME_STATES.get(outcome, ""), label("outcome", outcome)) if outcome else None
    return Row(
        url=hit.url,
        title=as_html(hit.title_marked),
        snippet=as_html(hit.snippet),
        kind=f"{more['kind']}, {more['part']} {hit.page}" if hit.page else more["kind"],
        outcome=state,
        minutes=more["minutes"],
        on=hit.date,
        version=more["version"],
        locked=why_locked() if hit.locked else None,
        evidence=more.get("evidence", ""),
        reviewed_on=date.fromisoformat(reviewed) if reviewed else None,
        is_paid=more.get("paid", False),
    )


def sorts(asked: Query) -> list[tuple[str, str, bool]]:
    """Words, address and whether it is this one; without words there is no best match."""
    own = asked.sort if asked.text or asked.sort != "relevance" else "newest"
    return [
        (words, with_argument("sort", None if name == "relevance" else name), name == own)
        for name, words in SORTS.items()
        if asked.text or name != "relevance"
    ]


def words_for(group: str, value: str, places: dict[str, str]) -> str:
    if group == "place":
        return places.get(value, value)
    return LANGUAGES.get(value, value) if group == "language" else label(group, value)


def with_filters(asked: Query, without: tuple[str, str] | None = None, text: str = "") -> str:
    """The address of the same search with one filter value less, or with another text."""
    pairs = [
        (group, value)
        for group, values in asked.filters.items()
        for value in values
        if (group, value) != without
    ]
    pairs += [("q", text or asked.text)] if text or asked.text else []
    pairs += [("sort", asked.sort)] if asked.sort != "relevance" else []
    return "?" + urlencode(pairs)


def chips(asked: Query, places: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "text": f"{FACETS[group]}: {words_for(group, value, places)}",
            "url": with_filters(asked, (group, value)),
        }
        for group, values in asked.filters.items()
        for value in values
    ]


def facet_rows(
    found: Results, asked: Query, places: dict[str, str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    made = []
    for group, title in FACETS.items():
        chosen = asked.filters.get(group, ())
        counted = dict(found.facets.get(group, []))
        values = [*(one for one in facets().get(group, {}) if one in counted),
                  *(one for one in counted if one not in facets().get(group, {}))]  # fmt: skip
        rows = [
            {
                "text": words_for(group, value, places),
                "count": counted.get(value, 0),
                "chosen": value in chosen,
                "url": with_filters(asked, (group, value))
                if value in chosen
                else with_argument(group, value),
            }
            for value in dict.fromkeys([*values, *chosen])
        ]
        if group == "year":
            rows.sort(key=lambda one: str(one["text"]), reverse=True)
        made.append((title, rows))
    return made
