"""What stands around every page, the error pages, and the weight of styles and script."""

import gzip
from types import SimpleNamespace

import pytest
from werkzeug.exceptions import Conflict, default_exceptions

from tests.drawing import LINEHALL, STATIC, Reader, house, page, show, static_url


def test_a_visitor_may_sign_in_and_a_person_may_sign_out():
    visitor = show(page(""))
    assert "/sign-in" in Reader(visitor).links
    assert "/sign-out" not in visitor
    person = show(page(""), signed_in=True)
    assert "/account/" in Reader(person).links
    assert '<form method="post" action="/sign-out">' in person
    assert "Marisol &lt;Tan&gt;" in person
    assert 'href="/legislation/" aria-current="true"' in person


def test_what_was_just_done_is_said_once_and_in_its_kind():
    html = show(page(""), flashed=[("message", "Saved <it>."), ("error", "Not paid.")])
    assert '<p class="flash " role="status">Saved &lt;it&gt;.</p>' in html
    assert '<p class="flash loss" role="alert">Not paid.</p>' in html


def test_the_theme_is_written_by_the_server_and_brings_one_back():
    html = show(page(""), "/events/?kind=webinar", theme="dark")
    assert '<html lang="en" data-theme="dark">' in html
    assert '<button name="theme" value="dark" aria-pressed="true">' in html
    assert 'name="next" value="/events/?kind=webinar"' in html


def test_another_association_has_the_mark_and_its_own_name():
    other = SimpleNamespace(**vars(LINEHALL) | {"name": "Call <Forum>", "is_demo": False})
    html = show(page(""), association=other)
    assert '<span class="name">Call &lt;Forum&gt;</span>' in html
    assert "og.png" not in html
    assert "Demonstration" not in html


def test_htmx_comes_only_to_pages_that_ask():
    assert "htmx" not in show(page(""))
    asked = '{% block scripts %}{% include "_components/htmx.html" %}{% endblock %}'
    html = show(page(asked))
    assert "htmx-2.0.11.min.js" in html
    assert '"allowEval":false' in html


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500, 503, 418])
def test_every_error_has_a_title_what_to_do_and_ways_on(code):
    nobody = SimpleNamespace(name="Member portal", tagline="", contact_name="", contact_email="",
                             is_demo=False)  # fmt: skip
    empty = SimpleNamespace(role="public", items=())
    html = show(
        '{% extends "error.html" %}',
        error=default_exceptions[code](),
        association=nobody,
        nav=empty,
    )
    seen = Reader(html)
    assert seen.titles == [f"{seen.headings[0]} – Member portal"]
    assert not seen.titles[0].startswith("Error")
    assert "/" in seen.links


def test_an_error_with_words_of_its_own_says_them():
    html = show('{% extends "error.html" %}', error=Conflict("The last seat <just> went."))
    assert "The last seat &lt;just&gt; went." in html
    assert "Write to Amara Lindqvist" in html


def test_styles_and_script_are_light_and_know_the_font():
    def weight(name):
        return len(gzip.compress((STATIC / name).read_bytes()))

    assert weight("portal.css") <= 14_000
    assert weight("portal.js") <= 3_000
    assert (
        weight("portal.css") + weight("portal.js") + weight("vendor/htmx-2.0.11.min.js") <= 35_000
    )
    with house().test_request_context():
        mark = static_url("fonts/fraunces-latin.woff2").removeprefix("/static/")
    assert f"url({mark})" in (STATIC / "portal.css").read_text()
