"""Who follows a theme is told of its new practices once, at the pace they chose."""

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.search import index
from portal.home import actions as home
from portal.home.jobs import tell_news_of_searches
from portal.library import themes
from portal.library.jobs import tell_of_new_practices
from portal.notices import actions as notices
from portal.notices.models import Often
from portal.notices.queries import follow_of
from tests.make import make_member, save
from tests.people import make_practice


@pytest.fixture
def rosa(at):
    at(2026, 1, 4, 9)
    return make_member()


def follow(person, often=Often.INSTANT, theme="quality"):
    themes.follow(theme, person, often)
    db.session.commit()


def told(sent):
    tell_of_new_practices()
    return [mail for mail in sent() if "New on" in mail["Subject"]]


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_a_member_follows_a_theme_from_its_page_and_finds_it_in_the_account(browser, rosa):
    browser.sign_in(rosa)
    make_practice("alpha", theme="quality")
    index.rebuild(lambda *_: None)
    page = "/library/themes/quality"
    assert f'href="{page}"' in browser.get("/library/?theme=quality")
    assert f'href="{page}"' not in browser.get("/library/?theme=quality&kind=guide")
    assert "Be told by mail" in browser.get(page)
    browser.post(page, often="weekly")
    assert "You follow this theme" in browser.get(page)
    listed = browser.get("/account/follows")
    assert f'href="{page}"' in listed
    assert "Once a week" in listed
    browser.post(page, often="daily")  # another pace, still one follow
    one = follow_of(rosa.id, "theme:quality")
    assert one.often is Often.DAILY
    browser.post(f"/account/follows/{one.id}/stop", page="/account/follows")
    assert "Nothing yet" in browser.get("/account/follows")
    browser.get("/library/themes/astrology", status=404)


def test_a_follow_of_somebody_else_is_not_found(browser, rosa):
    follow(rosa)
    browser.sign_in(make_member())
    one = follow_of(rosa.id, "theme:quality")
    browser.get("/account/follows")
    answer = browser.send("POST", f"/account/follows/{one.id}/stop",
                          data={"csrf_token": browser.token})  # fmt: skip
    assert answer.status_code == 404


def test_what_is_new_is_told_once_though_two_themes_have_it_and_what_was_there_never(
    rosa, sent, at
):
    make_practice("known", theme="quality").published_on = themes.today()
    follow(rosa)
    follow(rosa, theme="workforce")
    at(2026, 1, 5, 9)
    assert told(sent) == []
    make_practice("alpha", theme="quality", other_themes=["workforce"])
    make_practice("elsewhere", theme="tax")
    [mail] = told(sent)
    assert mail["To"] == rosa.email
    assert "/library/alpha" in text_of(mail)
    assert "/library/known" not in text_of(mail)
    assert "/library/elsewhere" not in text_of(mail)
    at(2026, 1, 20, 9)
    assert len(told(sent)) == 1


@pytest.mark.parametrize(("often", "days"), [(Often.DAILY, 1), (Often.WEEKLY, 7)])
def test_the_next_mail_comes_when_the_pace_allows_it(rosa, sent, at, often, days):
    follow(rosa, often)
    at(2026, 1, 5, 9)
    make_practice("alpha", theme="quality")
    assert len(told(sent)) == 1
    make_practice("beta", theme="quality")
    make_practice("gamma", theme="quality")
    at(2026, 1, 4 + days, 10)
    assert len(told(sent)) == 1
    at(2026, 1, 5 + days, 9)
    found = told(sent)
    assert len(found) == 2
    assert {"/library/beta", "/library/gamma"} <= set(text_of(found[1]).replace(
        "http://portal.test", "").split())  # fmt: skip


def test_who_may_not_see_it_or_stopped_these_mails_hears_nothing(rosa, sent, at):
    stopped = make_member()
    for person in (rosa, stopped):
        follow(person)
    notices.stop(stopped.id, themes.MAIL)
    at(2026, 1, 5, 9)
    make_practice("hidden", "staff", theme="quality")
    assert told(sent) == []
    make_practice("alpha", theme="quality")
    assert [mail["To"] for mail in told(sent)] == [rosa.email]


def searched(person):
    save(home.save_search(person, "Quality", "/library/?theme=quality", Often.INSTANT))


def test_a_saved_search_and_a_theme_tell_of_it_once_on_one_day(rosa, sent, at):
    index.rebuild(lambda *_: None)
    follow(rosa)
    searched(rosa)
    at(2026, 1, 5, 9)
    make_practice("alpha", theme="quality")
    jobs.work()
    index.rebuild(lambda *_: None)
    assert len(told(sent)) == 1
    tell_news_of_searches()
    assert len(sent()) == 1
    make_practice("beta", theme="quality")
    index.rebuild(lambda *_: None)
    tell_news_of_searches()
    assert ["beta" in text_of(mail) for mail in sent()] == [False, True]
    assert len(told(sent)) == 1
