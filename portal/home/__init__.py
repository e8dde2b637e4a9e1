"""Front page, dashboard, search over everything, the staff desk, health."""

from flask import Flask, request

from portal.core.search import index
from portal.home import holdings as holdings
from portal.home import jobs as jobs
from portal.home import models as models
from portal.home import opening, queries, staff
from portal.home.navigation import navigation
from portal.home.views import feeds as feeds
from portal.home.views import follows as follows
from portal.home.views import front as front
from portal.home.views import pages
from portal.home.views import saved as saved
from portal.home.views import search as search
from portal.home.views import well as well

blueprints = (pages.blueprint, staff.blueprint)

THEMES = {"light", "dark"}


def init_app(app: Flask) -> None:
    """Every page has the menu of its reader and their theme; staff may have edited synonyms;
    what a search found and somebody opens is counted.
    """
    app.context_processor(_context)
    app.after_request(opening.note)
    if queries.edited_synonyms not in index.edited_synonyms:
        index.edited_synonyms.append(queries.edited_synonyms)


def _context() -> dict[str, object]:
    if not request:
        return {}
    chosen = request.cookies.get("theme", "")
    return {"nav": navigation(), "theme": chosen if chosen in THEMES else ""}
