"""Front page, dashboard, search over everything, the staff desk."""

from flask import Flask, request

from portal.home.navigation import navigation
from portal.home.views import pages

blueprints = (pages.blueprint,)

THEMES = {"light", "dark"}


def init_app(app: Flask) -> None:
    """Every page has the menu of the person who reads it, and their theme."""
    app.context_processor(_context)


def _context() -> dict[str, object]:
    if not request:
        return {}
    chosen = request.cookies.get("theme", "")
    return {"nav": navigation(), "theme": chosen if chosen in THEMES else ""}
