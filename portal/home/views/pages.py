"""Pages that are words: privacy, terms, imprint, accessibility, about; and the theme switch."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

import frontmatter
from flask import Blueprint, Response, abort, redirect, render_template, request

from portal.accounts.retention import RULES
from portal.association.queries import association
from portal.core import markdown
from portal.core.access import public
from portal.core.links import settings
from portal.core.web import safe_next

blueprint = Blueprint("home", __name__)
FOLDER = Path(__file__).parents[3] / "content" / "pages"
YEAR = 365 * 24 * 3600
THEMES = {"auto", "light", "dark"}


@cache
def _words(slug: str) -> tuple[str, date, str]:
    page = frontmatter.load(str(FOLDER / f"{slug}.md"))
    return str(page["title"]), cast("date", page["updated"]), page.content


def _show(slug: str) -> str:
    title, updated, words = _words(slug)
    facts = association()
    named = re.sub(
        r"{{\s*association\.(\w+)\s*}}", lambda found: str(getattr(facts, found[1])), words
    )
    rules = "\n".join(f"- {one.words}" for one in RULES)
    body = markdown.render(named.replace("{{ retention }}", rules)).html
    return render_template("home/page.html", heading=title, updated=updated, body=body)


@blueprint.get("/privacy")
@public
def privacy() -> str:
    return _show("privacy")


@blueprint.get("/terms")
@public
def terms() -> str:
    return _show("terms")


@blueprint.get("/imprint")
@public
def imprint() -> str:
    return _show("imprint")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    return _show("accessibility")


@blueprint.get("/about")
@public
def about() -> str:
    return _show("about")


@blueprint.post("/theme")
@public
def theme() -> Response:
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400, "Choose auto, light or dark.")
    response = redirect(safe_next("/"), code=303)
    response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings().is_https)
    return response  # type: ignore[return-value]


@blueprint.get("/favicon.ico")
@public
def favicon() -> Response:
    return redirect("/static/img/favicon.svg", code=301)  # type: ignore[return-value]


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    words = "User-agent: *\nDisallow: /pay/\nDisallow: /staff/\nDisallow: /account/\n"
    return Response(words, mimetype="text/plain")
