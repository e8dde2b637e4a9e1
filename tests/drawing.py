"""Draws templates in a small application of its own: no database, no feature, the house's look."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, flash, render_template_string
from flask_login import AnonymousUserMixin, UserMixin
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from portal.core import filters
from portal.core.headers import static_url

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
PAGES = (
    ("home.index", "/"), ("home.search", "/search"), ("home.theme", "/theme"),
    ("home.privacy", "/privacy"), ("home.terms", "/terms"), ("home.imprint", "/imprint"),
    ("home.accessibility", "/accessibility"), ("accounts.sign_in", "/sign-in"),
    ("accounts.sign_out", "/sign-out"), ("accounts.account", "/account/"),
)  # fmt: skip
LINEHALL = SimpleNamespace(
    name="Linehall", tagline="The independent association of “contact centres” & <others>",
    contact_name="Amara Lindqvist", contact_email="amara@linehall.example", is_demo=True,
)  # fmt: skip
TWO_ITEMS = (
    SimpleNamespace(text="Bills", url="/legislation/", is_here=True),
    SimpleNamespace(text="Events", url="/events/", is_here=False),
)


class Marisol(UserMixin):
    id, display_name = 1, "Marisol <Tan>"


class Reader(HTMLParser):
    """What a page holds, and what no page may hold."""

    def __init__(self, html):
        super().__init__()
        self.html, self.headings, self.titles, self.ids, self.links = html, [], [], [], []
        self._open = None
        self.feed(html)
        assert len(self.ids) == len(set(self.ids)), sorted(self.ids)
        assert len(self.headings) == 1, self.headings

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name != "style", (tag, value)
            self.ids += [value] if name == "id" else []
            self.links += [value] if (tag, name) == ("a", "href") else []
        if tag in {"h1", "title"}:
            self._open = self.headings if tag == "h1" else self.titles
            self._open.append("")

    def handle_data(self, data):
        if self._open is not None:
            self._open[-1] += data

    def handle_endtag(self, tag):
        self._open = None if tag in {"h1", "title"} else self._open


@cache
def house():
    app = Flask("house", template_folder=ROOT / "templates", static_folder=STATIC)
    app.secret_key = "t" * 32
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)
    app.jinja_env.globals |= {
        "static_url": static_url,
        "acting_firm": str,
        "site_url": "https://portal.example",
    }
    filters.init_app(app)
    CSRFProtect(app)
    for endpoint, rule in PAGES:
        app.add_url_rule(rule, endpoint, lambda: "", methods=["GET", "POST"])
    return app


def show(source, url="/", *, signed_in=False, **context):
    """Draw a template as a visitor or a person would get it."""
    nav = SimpleNamespace(role="member" if signed_in else "public", items=TWO_ITEMS)
    user = Marisol() if signed_in else AnonymousUserMixin()
    given = {"association": LINEHALL, "nav": nav, "theme": "", "current_user": user} | context
    with house().test_request_context(url):
        for category, words in context.get("flashed", ()):
            flash(words, category)
        return render_template_string(source, **given)


def page(body):
    return f'{{% extends "base.html" %}}{{% block title %}}Parts{{% endblock %}}{body}'
