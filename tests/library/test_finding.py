"""What the index still holds is found by nobody who may not see it at this moment."""

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.home import actions as home
from portal.home import searches
from portal.library import actions, attachments
from portal.library.models import PracticeStatus
from portal.library.sharing import share_with
from portal.notices import feeds
from portal.notices.models import Often
from tests.make import make_member, save
from tests.papers import pdf
from tests.people import make_practice

ADDRESS = "/library/?q=okapi"


@pytest.fixture
def okapi(app):
    """A public practice with a file, both in the index."""
    made = make_practice("the-okapi", "public", title="Okapi houses in the night", id="A90")
    attachments.attach(made, pdf("An okapi on paper"), "a.pdf", "Sheet of okapi")
    db.session.commit()
    jobs.work()
    return made


def told(browser):
    """Everything that tells of a search, to a visitor."""
    pages = (ADDRESS, "/library/", "/search?q=okapi", "/library/suggestions?q=oka",
             "/library/?q=okapi+zqqxq&theme=tax", "/library/?q=okapi+-paper")  # fmt: skip
    return "".join(browser.get(page) for page in pages)


def test_what_is_withdrawn_is_gone_from_results_and_suggestions_at_once(browser, okapi):
    shown = told(browser)
    assert "in the night" in shown
    assert "Sheet of" in shown
    actions.move(okapi, PracticeStatus.WITHDRAWN, "It named a person.")
    db.session.commit()
    shown = told(browser)
    assert "in the night" not in shown
    assert "Sheet of" not in shown
    page = browser.get(ADDRESS)
    assert "0 found" in page
    assert "Practices (0)" in browser.get("/search?q=okapi"), "no count tells of it"
    assert "(1)" not in page


def test_what_is_narrowed_is_told_to_nobody_else_at_once(browser, okapi):
    share_with(okapi, "staff")
    db.session.commit()
    shown = told(browser)
    assert "in the night" not in shown
    assert "Sheet of" not in shown


def test_what_members_read_from_now_on_shows_others_its_title_alone(browser, okapi):
    share_with(okapi, "members")
    okapi.has_teaser = True
    db.session.commit()
    shown = browser.get(ADDRESS)
    assert "Locked:" in shown
    assert okapi.summary[:40] in shown
    assert "Sheet of" not in shown
    browser.sign_in(make_member())
    assert "Locked:" not in browser.get(ADDRESS)


def test_feeds_and_mails_tell_nothing_of_it_either(browser, okapi, sent):
    person = make_member()
    saved = save(home.save_search(person, "Okapis", ADDRESS, Often.INSTANT))
    token = feeds.token_of(feeds.renew(person.id))
    saved.seen = {}
    db.session.commit()
    page = f"/feeds/{token}/json?address={searches.plain_address(ADDRESS)}"
    assert "Okapi" in str(browser.send("GET", page).json)
    actions.move(okapi, PracticeStatus.ARCHIVED, "It is old.")
    db.session.commit()
    assert "Okapi houses" not in str(browser.send("GET", page).json["items"])
    assert home.tell_news(saved) is False
    assert sent() == []


def test_results_cost_two_statements_more_however_many_are_found(browser, okapi, statements):
    for n in range(12):
        make_practice(f"okapi-{n}", "public", title=f"Okapi number {n}", id=f"B{n}")
    jobs.work()
    browser.get(ADDRESS)
    statements.clear()
    browser.get(ADDRESS)
    asked = [one for one in statements if "FROM practices" in one or "FROM attachments" in one]
    assert len(asked) <= 2
