import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.joining import actions, queries
from tests.joining.applying import again, make_application
from tests.make import make_person


def test_an_applicant_appeals_by_the_mailed_link_and_a_colleague_admits_the_firm(
    browser, another_browser, at, sent
):
    at(2026, 11, 22, 9)
    made = make_application(upto="declined")
    here = f"/join/a/{made.token}"
    declined = next(one for one in sent() if "Your application AP" in one["Subject"])
    assert f"{here}/appeal" in declined.get_body(("plain",)).get_content()
    at(2026, 12, 22, 9)
    assert "until 22" in browser.get(here)
    assert "Write why it is wrong" in browser.post(f"{here}/appeal", status=200, appeal=" ").text
    browser.post(f"{here}/appeal", appeal="It did accept, <b>on page two</b>.")
    assert "Your appeal is being read" in browser.get(here)
    assert queries.waiting()[0] == 1
    browser.get(f"{here}/appeal", status=303)  # once
    desk = f"/staff/joining/{made.id}"
    colleague = another_browser
    colleague.sign_in(make_person("membership"))
    assert "&lt;b&gt;on page two" in colleague.get(desk)
    stays = colleague.post(f"{desk}/appeal", status=200, outcome="uphold", reason="No.")
    assert "Write the reason" in stays.text
    colleague.post(f"{desk}/appeal", outcome="overturn", reason="")
    assert again(made).status == "awaiting_payment"
    assert again(made).decided_on.isoformat() == "2026-12-22"
    assert queries.days_to_decide() is None
    assert "Your appeal" in " ".join(one["Subject"] for one in sent())


def test_who_declined_does_not_decide_on_the_appeal(browser, at):
    at(2026, 11, 22, 9)
    made = make_application(upto="appealed")
    first = made.decided_by
    for act in (
        lambda: actions.overturn(made, first),
        lambda: actions.uphold(made, "It is as it was.", first),
    ):
        with pytest.raises(Refused, match="Whoever declined"):
            act()
        db.session.rollback()
    assert again(made).status == "appealed"


def test_an_appeal_is_in_time_for_thirty_days_and_not_beside_a_newer_application(browser, at):
    at(2026, 11, 22, 9)
    made = make_application(upto="declined")
    newer = make_application(name="Again Inc.", registration_no="2")
    with pytest.raises(Refused, match=newer.reference):
        actions.appeal(made, "It did accept.")
    db.session.rollback()
    actions.withdraw(newer)
    db.session.commit()
    at(2026, 12, 23, 9)
    with pytest.raises(Refused, match="30 days"):
        actions.appeal(made, "It did accept.")
    db.session.rollback()
    here = f"/join/a/{made.token}"
    assert "appeal until" not in browser.get(here)
    browser.get(f"{here}/appeal", status=303)
