"""A firm is expelled by a decision: its days, its money, its words, and taking it back."""

from datetime import date

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.models import CreditNote
from portal.dues.queries import balance, unallocated_of
from portal.members import queries as members
from portal.members.actions import start_membership
from portal.members.models import Decision
from portal.members.standing import Standing
from portal.renewals import actions, queries
from portal.renewals.actions.leaving import claims_after
from portal.renewals.ahead import Kind
from portal.renewals.exports import resignations
from portal.renewals.history import whole_timeline
from portal.renewals.holdings import _of_firm
from portal.renewals.models import Resignation
from portal.renewals.offers import offer_for
from portal.renewals.pipeline import Stage
from tests.make import make_person, save
from tests.renewals.making import issue, make_life, next_of, pay, person_of, terms_of

END, GRACE_END = date(2026, 12, 31), date(2027, 1, 30)
REASON = "It sold the names of applicants."


def decision(on=date(2026, 6, 1)):
    return save(Decision(body="board", decided_on=on, title="Code of conduct", text=""))


def expel(term, first_on, **more):
    facts = {"decision": more.pop("decision", None) or decision(), "heard": "heard"} | more
    made = actions.expel(term.membership, actions.Expulsion(
        first_on=first_on, reason=REASON, **facts,
    ))  # fmt: skip
    db.session.commit()
    return made


def standing(term, at, *day):
    at(*day, 12)
    db.session.expire_all()
    return members.state_of(term.membership.organization).standing


def happenings(term):
    return [one.text for one in whole_timeline(term.membership.organization, [])]


def is_member(firm, day):
    return firm.id in set(db.session.scalars(members.live_firm_ids(day)))


def test_the_first_day_without_membership_is_one_after_the_last(at, sent):
    at(2026, 6, 2, 9)
    term = make_life()
    firm = term.membership.organization
    made = expel(term, date(2026, 7, 1))
    assert (made.leaves_on, made.told_on) == (date(2026, 6, 30), date(2026, 6, 1))
    assert (term.ended_early_on, term.end_reason) == (date(2026, 6, 30), "expelled")
    assert (is_member(firm, date(2026, 6, 30)), is_member(firm, date(2026, 7, 1))) == (True, False)
    (mail,) = [one for one in sent() if "ends on" in one["Subject"]]
    words = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "The board of Testhall decided on 1 Jun 2026 to expel" in words
    assert REASON in words
    assert "resign" not in words
    assert standing(term, at, 2026, 6, 30) is Standing.IN_FORCE
    assert standing(term, at, 2026, 7, 1) is Standing.ENDED
    jobs.work()
    db.session.expire_all()
    held = term.membership
    assert (held.ended_on, held.end_reason) == (date(2026, 6, 30), "expelled")


def test_who_is_expelled_in_a_renewed_term_left_the_one_before_at_its_own_end(at):
    at(2026, 11, 5, 9)
    term = make_life()
    pay(issue(term))
    at(2027, 1, 5, 9)
    expel(term, date(2027, 1, 11), decision=decision(date(2027, 1, 5)))
    ends = [(one.end_reason, one.ended_early_on) for one in term.membership.terms]
    assert ends == [(None, None), ("expelled", date(2027, 1, 10))]


def test_growth_charged_for_a_later_term_is_named_as_taken_back_and_is(at):
    at(2026, 11, 5, 9)
    term = make_life(headcount=40)
    pay(issue(term))
    changes = actions.change(term, {"contact_centre_fte": "60"}, "They told.", None)
    db.session.commit()
    later = changes[-1].invoice
    taken = claims_after(term.membership, date(2026, 12, 1), "expelled")
    assert later in taken
    assert later.total_minor
    expel(term, date(2026, 12, 2), decision=decision(date(2026, 11, 5)))
    assert not balance(later).minor


def test_it_can_join_anew_from_the_night_on(at):
    at(2026, 6, 2, 9)
    term = make_life()
    firm, kind = term.membership.organization, term.membership.kind
    expel(term, date(2026, 7, 1))
    at(2026, 7, 2, 9)
    jobs.work()
    db.session.expire_all()
    again = start_membership(firm, kind, date(2026, 9, 1), END, {})
    assert again.membership_id != term.membership_id


def test_an_agreed_early_resignation_is_closed_by_the_night_after_it_too(at):
    at(2026, 6, 2, 9)
    term = make_life()
    actions.resign(term.membership, date(2026, 6, 2), "Sold.", None, date(2026, 6, 30))
    db.session.commit()
    at(2026, 6, 30, 9)
    jobs.work()
    db.session.expire_all()
    assert term.membership.ended_on is None
    at(2026, 7, 1, 9)
    jobs.work()
    db.session.expire_all()
    held = term.membership
    assert (held.ended_on, held.end_reason) == (date(2026, 6, 30), "resigned")


def test_in_grace_it_is_over_on_that_day_and_renewed_no_more(at):
    at(2026, 12, 10, 9)
    term = make_life()
    firm, invoice = term.membership.organization, issue(term)
    expel(term, date(2027, 1, 11), decision=decision(date(2026, 12, 9)))
    assert not balance(invoice)
    assert [one.reason for one in db.session.query(CreditNote)] == ["The firm was expelled"]
    assert offer_for(term).stage is Stage.LEAVING
    assert len(queries.terms_by_stage(date(2026, 12, 10))[Stage.LEAVING]) == 1
    coming = [one for one in queries.foreseen(date(2026, 12, 10)) if one.kind is Kind.RENEWAL]
    assert [(one.on, one.what, one.why) for one in coming] == [
        (date(2027, 1, 10), "Last day of membership", "The firm was expelled"),
    ]  # fmt: skip
    assert is_member(firm, date(2027, 1, 10))
    assert not is_member(firm, date(2027, 1, 11))
    assert standing(term, at, 2027, 1, 10) is Standing.GRACE
    jobs.work()
    assert next_of(term) is None
    assert not queries.renewal_of(term).invoice
    assert standing(term, at, 2027, 1, 11) is Standing.ENDED
    assert "Ended on 10 Jan 2027" in members.state_of(firm).words
    assert (firm.id, date(2026, 1, 1), date(2027, 1, 10)) in members.live_days()
    jobs.work()
    db.session.expire_all()
    assert term.membership.ended_on == date(2027, 1, 10)


def test_the_running_term_stays_charged_and_later_ones_become_credit(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    payment = pay(invoice)
    assert len(terms_of(term)) == 2
    seen = actions.what_follows(term.membership, date(2026, 12, 1))
    assert (seen.last, seen.term.id) == (date(2026, 11, 30), term.id)
    assert [one.number for one in seen.credited] == [invoice.number]
    expel(term, date(2026, 12, 1))
    assert terms_of(term) == [(date(2026, 1, 1), END)]
    assert unallocated_of(payment) == 181600


@pytest.mark.parametrize(("first_on", "words"), [
    (date(2026, 5, 31), "not before the decision"),
    (date(2026, 1, 1), "no member yet"),
    (date(2027, 2, 1), "enter 2027-01-31 or an earlier day"),
])  # fmt: skip
def test_a_day_that_cannot_be_is_refused(at, first_on, words):
    at(2026, 6, 2, 9)
    term = make_life()
    with pytest.raises(Refused, match=words):
        expel(term, first_on)
    db.session.rollback()
    assert expel(term, date(2026, 6, 1)).leaves_on == date(2026, 5, 31)


def test_who_is_no_member_is_not_expelled(at):
    at(2027, 2, 10, 9)
    term = make_life()
    with pytest.raises(Refused, match="not live"):
        expel(term, date(2027, 3, 1))


def test_twice_is_refused_and_a_resignation_before_that_day_stands(at):
    at(2026, 6, 2, 9)
    term = make_life()
    actions.resign(term.membership, date(2026, 6, 2), "Sold.", None, date(2026, 6, 10))
    db.session.commit()
    with pytest.raises(Refused, match="before that"):
        expel(term, date(2026, 7, 1))
    db.session.rollback()
    expel(term, date(2026, 6, 5))
    with pytest.raises(Refused, match="expelled already"):
        expel(term, date(2026, 6, 6))


def test_it_takes_the_place_of_a_resignation_which_stands_again_after(at):
    at(2026, 6, 2, 9)
    term = make_life()
    told = actions.resign(term.membership, date(2026, 6, 2), "Sold.", None, date(2026, 9, 30))
    db.session.commit()
    at(2026, 6, 3, 9)
    made = expel(term, date(2026, 7, 1))
    assert told.withdrawn_at == made.made_at
    assert term.ended_early_on == date(2026, 6, 30)
    assert not db.session.execute(queries.stayed()).all()  # it did not stay
    assert "Took the resignation back" not in happenings(term)
    assert [row[-4:-2] for row in resignations()] == [("", "resigned"), ("", "expelled")]
    actions.take_back_expulsion(made, "The board heard it again.")
    db.session.commit()
    assert told.withdrawn_at is None
    assert queries.resignation_of(term.membership).id == told.id
    assert (term.ended_early_on, term.end_reason) == (date(2026, 9, 30), "resigned")
    assert "The expulsion was taken back" in happenings(term)


def test_it_is_taken_back_until_its_last_day_and_twice_is_as_once(at, sent):
    at(2026, 12, 10, 9)
    term = make_life()
    issue(term)
    made = expel(term, date(2027, 1, 1))
    at(2026, 12, 31, 9)
    for _twice in range(2):
        actions.take_back_expulsion(made, "The board heard it again.")
        db.session.commit()
    assert term.ended_early_on is None
    assert len([one for one in sent() if "is not expelled" in one["Subject"]]) == 1
    jobs.work()
    assert queries.renewal_of(term).invoice
    again = expel(term, date(2027, 1, 10))
    at(2027, 1, 10, 9)
    with pytest.raises(Refused, match="took effect"):
        actions.take_back_expulsion(again, "Too late.")


def test_its_own_words_stand_in_the_timeline_the_exports_and_the_firms_data(at):
    at(2026, 6, 2, 9)
    term = make_life()
    expel(term, date(2026, 7, 1), heard="absent")
    found = [one for one in whole_timeline(term.membership.organization, [])
             if one.text == "Expelled by the board"]  # fmt: skip
    assert "Code of conduct; last day 30 Jun 2026" in found[0].meta
    assert "did not come" in found[0].meta
    assert "Resigned" not in happenings(term)
    (row,) = resignations()
    assert row[-3:-1] == ("expelled", "Code of conduct")
    (told,) = _of_firm({term.membership.organization_id})
    assert (told["what"], told["decision"], told["heard"]) == (
        "expulsion", "Code of conduct", "absent",
    )  # fmt: skip


FORM = {
    "decision": "0", "body": "board", "decided_on": "2026-06-01", "title": "Acme expelled",
    "text": "", "first_on": "2026-07-01", "heard": "heard", "reason": REASON,
}  # fmt: skip


@pytest.fixture
def staff(browser, at):
    at(2026, 6, 2, 9)
    return browser.sign_in(make_person("membership"))


def url(term, what):
    return f"/staff/members/{term.membership.organization_id}/{what}"


def test_staff_see_what_follows_before_it_is_done_and_twice_does_it_once(browser, staff):
    term = make_life()
    there = url(term, "expel")
    assert "Expel it by a decision" in browser.get(url(term, "life"))
    page = browser.post(there, status=200, **FORM).text.replace("\xa0", " ")
    assert "The last day of membership is <strong>30 Jun 2026</strong>" in page
    assert "The term until 31 Dec 2026 stays charged" in page
    assert "write a credit note" in page
    assert not db.session.query(Resignation).count()
    moved = FORM | {"first_on": "2026-08-01", "seen": "2026-07-01"}
    assert "31 Jul 2026" in browser.post(there, status=200, **moved).text.replace("\xa0", " ")
    for _twice in range(2):
        browser.post(there, page=url(term, "life"), **FORM, seen="2026-07-01")
    assert db.session.query(Resignation).one().decision.title == "Acme expelled"
    assert db.session.query(Decision).filter_by(title="Acme expelled").count() == 1
    page = browser.get(url(term, "life"))
    assert "Expelled by the board" in page
    assert "Take the expulsion back" in page
    assert "Take the resignation back" not in page
    browser.post(url(term, "stay"), reason="Heard again.")
    assert "Expel it by a decision" in browser.get(url(term, "life"))


@pytest.mark.parametrize(("wrong", "words"), [
    ({"first_on": "soon"}, "Enter the day"), ({"first_on": ""}, "Enter the day"),
    ({"heard": ""}, "Say whether the firm was heard"), ({"reason": " "}, "Say why"),
    ({"title": ""}, "Enter a title"), ({"first_on": "2027-03-01"}, "ends by itself before"),
    ({"first_on": "2026-05-01", "seen": "2026-05-01"}, "not before the decision"),
])  # fmt: skip
def test_a_form_that_is_wrong_is_answered_at_the_field(browser, staff, wrong, words):
    term = make_life()
    assert words in browser.post(url(term, "expel"), status=200, **FORM | wrong).text
    db.session.rollback()
    assert not db.session.query(Decision).filter_by(title="Acme expelled").count()
    assert not db.session.query(Resignation).count()


def test_the_firm_reads_it_and_cannot_take_it_back(browser, at):
    at(2026, 6, 2, 9)
    term = make_life()
    browser.sign_in(person_of(term, "manager"))
    expel(term, date(2026, 7, 1))
    page = browser.get("/firm/membership").replace("\xa0", " ")
    assert "The board decided on 1 Jun 2026 that the membership ends" in page
    assert REASON in page
    assert "Stay a member" not in page
    assert "You told us" not in page
    answer = browser.post("/firm/membership/stay", page="/firm/membership", status=409).text
    assert "the firm cannot take that back" in answer
    browser.get("/firm/membership/resign", status=303)
    assert "by a decision: you need not leave" in browser.get("/firm/membership")
    assert queries.resignation_of(term.membership)
