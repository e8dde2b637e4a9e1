"""One search over practices, bills, events and members."""

from flask import render_template, request
from flask_login import current_user

from portal.core.access import public
from portal.core.search import Query, as_html
from portal.core.search.index import searched
from portal.core.web import Page, page_number, with_argument
from portal.home.finding import KINDS, audiences
from portal.home.views.pages import blueprint

PAGE_SIZE = 20


@blueprint.get("/search")
@public
def search() -> str:
    text, kind = request.args.get("q", "").strip()[:300], request.args.get("kind", "")
    asked = Query(
        text=text, audiences=audiences(current_user), page=page_number(), page_size=PAGE_SIZE,
        kinds=frozenset({kind}) if kind in KINDS else None,
    )  # fmt: skip
    found = searched(asked) if text else None
    hits = list(found.hits) if found else []
    page = Page(hits, asked.page, found.total if found else 0, PAGE_SIZE)
    counts = dict(found.kinds) if found else {}
    tabs = [("All", with_argument("kind", None), kind not in KINDS)]
    tabs += [
        (f"{words} ({counts.get(one, 0)})", with_argument("kind", one), one == kind)
        for one, words in KINDS.items()
    ]
    return render_template(
        "home/search.html", text=text, found=found, page=page, tabs=tabs, kinds=KINDS,
        marked=as_html, heading=f"Search: “{text}”" if text else "Search",
    )  # fmt: skip
