"""Front page, dashboard, search over everything, the staff desk, health."""

from flask import Flask, request

from portal.home import staff
from portal.home.navigation import navigation
from portal.home.views import front as front
from portal.home.views import pages
from portal.home.views import search as search
from portal.home.views import well as well

blueprints = (pages.blueprint, staff.blueprint)

THEMES = {"light", "dark"}


def init_app(app: Flask) -> None:
    """Every page has the menu of the person who reads it, and their theme."""
    app.context_processor(_context)


def _context() -> dict[str, object]:
    if not request:
        return {}
    chosen = request.cookies.get("theme", "")
    return {"nav": navigation(), "theme": chosen if chosen in THEMES else ""}
