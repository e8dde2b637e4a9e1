"""The library for readers: search with facets, and the page of one practice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup, escape

from portal.core import markdown
from portal.core.access import public
from portal.core.search import Hit, Query, Results
from portal.core.search.index import engine
from portal.core.web import Page, page_number, with_argument
from portal.library import queries
from portal.library.models import PracticeStatus
from portal.library.taxonomy import FACETS, facets, label

blueprint = Blueprint("library", __name__, url_prefix="/library")

TITLES = {
    "theme": "Theme",
    "kind": "Kind",
    "service": "Service",
    "stage": "Stage",
    "outcome": "How it went",
}
OUTCOME_STATES = {"positive": "ok", "negative": "loss", "mixed": ""}
PAGE_SIZE = 20


@dataclass(frozen=True)
class Row:
    """A found practice as `practice_row` draws it."""

    url: str
    title: str
    snippet: Markup
    kind: str
    outcome: tuple[str, str] | None
    minutes: int
    on: date | None
    version: int
    locked: Markup | None
    evidence: None = None
    reviewed_on: None = None


@blueprint.get("/")
@public
def index() -> str:
    asked = asked_for()
    found = engine().search(asked)
    rows = [row(hit) for hit in found.hits]
    page = Page(rows, asked.page, found.total, PAGE_SIZE)
    return render_template(
        "library/index.html",
        page=page,
        found=found,
        asked=asked,
        chips=chips(asked),
        facets=facet_rows(found, asked),
        outcomes=queries.outcome_counts(),
        titles=TITLES,
        heading=heading(asked.text),
    )


def heading(text: str) -> str:
    return f"Practices: “{text}”" if text else "Practices"


def asked_for() -> Query:
    """The request's words and filters; a filter value that does not exist finds nothing."""
    args = request.args
    names = (*FACETS, "place")
    filters = {name: tuple(filter(None, args.getlist(name)))[:5] for name in names}
    return Query(
        text=args.get("q", "").strip()[:300],
        filters={name: values for name, values in filters.items() if values},
        audiences=queries.audiences(current_user),
        kinds=frozenset({"practice"}),
        page=page_number(),
        page_size=PAGE_SIZE,
        sort="newest" if args.get("sort") == "newest" else "relevance",
    )


def row(hit: Hit) -> Row:
    more: dict[str, Any] = hit.stored
    outcome = more.get("outcome")
    state = (OUTCOME_STATES.get(outcome, ""), label("outcome", outcome)) if outcome else None
    return Row(
        url=hit.url,
        title=hit.title,
        snippet=marked(hit.snippet),
        kind=more["kind"],
        outcome=state,
        minutes=more["minutes"],
        on=hit.date,
        version=more["version"],
        locked=why_locked() if hit.locked else None,
    )


def marked(pieces: Any) -> Markup:
    """Text pieces, the found ones in <mark>; everything escaped."""
    made = [
        Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in pieces
    ]
    return Markup("").join(made)


def why_locked() -> Markup:
    if current_user.is_authenticated:
        return Markup("open to firms whose membership is in force")
    sign_in = url_for("accounts.sign_in", next=request.full_path)
    return Markup('open to members. <a href="{}">Sign in</a> or <a href="{}">join</a>').format(
        sign_in, url_for("joining.index")
    )


def chips(asked: Query) -> list[dict[str, str]]:
    return [
        {"text": label(name, value), "url": with_argument(name, None)}
        for name, values in asked.filters.items()
        for value in values
    ]


def facet_rows(found: Results, asked: Query) -> list[tuple[str, list[dict[str, Any]]]]:
    made = []
    for name in FACETS:
        chosen = asked.filters.get(name, ())
        counted = dict(found.facets.get(name, []))
        rows = [
            {
                "text": words,
                "count": counted.get(slug, 0),
                "chosen": slug in chosen,
                "url": with_argument(name, None if slug in chosen else slug),
            }
            for slug, words in facets()[name].items()
            if counted.get(slug) or slug in chosen
        ]
        made.append((TITLES[name], rows))
    return made


@blueprint.get("/<string:slug>")
@public
def show(slug: str) -> str:
    practice = queries.readable(slug, current_user) or abort(404)
    may_read = queries.may_read(practice, current_user)
    text = markdown.render(practice.body) if may_read else None
    return render_template(
        "library/show.html",
        practice=practice,
        text=text,
        label=label,
        why=why_locked(),
        related=queries.related(practice, current_user),
        revision=practice.revisions[0],
        outcome_state=OUTCOME_STATES.get(practice.outcome or "", ""),
        is_published=practice.status is PracticeStatus.PUBLISHED,
        interest=practice.front.get("interest") or {},
        places=queries.places_of(practice),
    )
