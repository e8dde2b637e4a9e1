"""What every response carries, and the pages that say what went wrong."""

import re
from dataclasses import replace

import brotli
import pytest
from sqlalchemy import text

from portal import create_app
from portal.accounts.models import Person
from portal.core.access import Role, public
from portal.core.db import db
from portal.core.headers import policy
from portal.core.states import Refused
from tests.browser import Browser
from tests.make import make_person

ALWAYS = (
    "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
    "Cross-Origin-Opener-Policy", "Permissions-Policy", "Strict-Transport-Security",
)  # fmt: skip


@pytest.mark.parametrize("url", ["/sign-in", "/no-such-page", "/static/portal.css", "/dashboard"])
def test_every_response_carries_the_headers_of_safety(browser, url):
    headers = browser.send("GET", url).headers
    assert all(name in headers for name in ALWAYS)
    assert "unsafe" not in headers["Content-Security-Policy"]
    for nowhere in ("frame-ancestors", "object-src", "base-uri"):
        assert f"{nowhere} 'none'" in headers["Content-Security-Policy"]


def test_forms_may_lead_on_to_the_payment_page_and_nowhere_else(settings):
    assert f"form-action 'self' {settings.stripe_url};" in policy(settings)


def test_signed_in_pages_are_not_kept_by_anybody(browser):
    browser.sign_in()
    assert browser.send("GET", "/account/").headers["Cache-Control"] == "no-store"


def test_over_https_the_theme_s_cookie_is_secure_too(settings, browser):
    plain = browser.post("/theme", page="/about", theme="dark", next="/about")
    assert "Secure" not in plain.headers["Set-Cookie"]
    site = "https://portal.test"
    app = create_app(replace(settings, site_url=site))
    safe = Browser(app.test_client())
    page = safe.send("GET", "/about", base_url=site)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    facts, headers = {"theme": "dark", "csrf_token": token}, {"Referer": f"{site}/about"}
    answer = safe.send("POST", "/theme", data=facts, headers=headers, base_url=site)
    assert {"Secure", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
    with app.app_context():
        db.engine.dispose()


def test_signing_out_tells_the_browser_to_forget(browser):
    browser.sign_in()
    gone = browser.post("/sign-out", page="/account/")
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_pages_are_packed_for_a_poor_line(browser):
    plain = browser.send("GET", "/sign-in").data
    packed = browser.send("GET", "/sign-in", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.data) < len(plain) / 2
    assert b"<h1>Sign in" in brotli.decompress(packed.data)


def test_a_static_file_is_kept_for_a_year_under_its_mark(browser):
    page = browser.get("/sign-in")
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in browser.send("GET", address).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [("GET", "/no-such-page", 404), ("POST", "/sign-in", 400), ("POST", "/", 405)],
)
def test_errors_are_pages_of_the_house(browser, method, url, status):
    answer = browser.send(method, url)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Front page" in answer.text


@pytest.fixture
def breaking(settings):
    """A portal like a real one, with pages that break in the ways pages can."""
    app = create_app(replace(settings, testing=False))

    @app.get("/break/<string:how>/<string:token>")
    @public
    def break_down(how, token):
        if how == "constraint":
            db.session.add(Person(email="x", display_name="x", created_at=None))
            db.session.flush()
        if how == "statement":
            db.session.execute(text("SELECT nothing FROM nowhere"))
        if how == "refused":
            raise Refused("The last seat has just gone.")
        raise ZeroDivisionError

    yield Browser(app.test_client())
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("how", ["constraint", "statement", "arithmetic"])
def test_a_page_that_breaks_is_a_page_of_the_house_and_tells_nothing(breaking, caplog, how):
    breaking.sign_in(make_person(Role.ADMIN))
    page = breaking.send("GET", f"/break/{how}/{'s' * 43}")
    assert page.status_code in ({500} if how != "statement" else {500, 503})
    assert "<h1>" in page.text
    assert "Front page" in page.text
    assert "Traceback" not in page.text
    assert all(name in page.headers for name in ALWAYS)
    assert "sss" not in caplog.text
    assert "/…" in caplog.text or page.status_code == 503
    breaking.get("/account/")


def test_what_is_refused_is_said_with_409(breaking):
    answer = breaking.send("GET", "/break/refused/x")
    assert (answer.status_code, "The last seat has just gone." in answer.text) == (409, True)


def test_what_is_too_large_is_a_page_of_the_house(browser):
    form, size = "application/x-www-form-urlencoded", 13 * 2**20
    answer = browser.send("POST", "/sign-in", data=b"email=" + b"x" * size, content_type=form)
    assert answer.status_code == 413
    assert "<h1>That is too large" in answer.text


def test_a_page_for_another_role_says_so(browser):
    browser.sign_in(make_person())
    assert "needs a role" in browser.get("/staff/", status=403)


def test_a_forged_host_never_reaches_a_mail(browser, sent):
    person = make_person()
    browser.get("/reset")
    facts = {"email": person.email, "csrf_token": browser.token}
    browser.send("POST", "/reset", data=facts, headers={"Host": "evil.example"})
    assert all("evil.example" not in one.get_body(("plain",)).get_content() for one in sent())
