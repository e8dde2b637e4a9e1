"""Seats: given once, freed at once, kept at renewal, and never more than there are."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.accounts.actions import start_session
from portal.core import jobs
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.members import actions, queries
from portal.members.jobs import settle_crowded_terms
from portal.members.models import Affiliation, MembershipClass, Seat, Term
from tests.browser import Browser
from tests.make import make_contact, make_firm, make_member, make_membership, make_person

MEMBERS_ONLY = "/library/"


def firm_with(seats, people=0, **facts):
    """A member firm with so many seats and, beside its manager, so many seated people."""
    firm = make_firm(**facts)
    snapshot = {"seats": None if seats is None else {"included": seats}}
    make_membership(firm, price_snapshot=snapshot)
    manager = make_contact(firm, "roster_manager", "dues_contact", display_name="Mara Manager")
    return firm, manager, [make_contact(firm) for _ in range(people)]


def held(person):
    return queries.affiliation_of(person)


def has_seat(person):
    return held(person).id in queries.seated_ids(held(person).organization_id)


def mails(template):
    query = select(OutgoingMail).where(OutgoingMail.template == template)
    return db.session.scalars(query.order_by(OutgoingMail.id)).all()


def test_a_person_is_a_member_today_by_their_firm_and_a_seat():
    _firm, _manager, (seated,) = firm_with(2, people=1)
    alone = make_contact(held(seated).organization)
    assert seated.may("library:read")
    assert not alone.may("library:read")
    assert alone.may("firm:read")


def test_a_class_that_counts_no_seats_seats_everybody():
    firm, _manager, people = firm_with(None, people=9)
    assert all(map(has_seat, people))
    assert queries.seats_now(firm.id).words == "10 people; this membership does not count seats"


def test_five_seats_are_included_where_the_term_does_not_say():
    firm = make_firm()
    make_membership(firm)
    people = [make_contact(firm) for _ in range(6)]
    assert [has_seat(one) for one in people] == [True] * 5 + [False]


def test_two_affiliations_end_one_still_a_member_end_both_not_readd_member_again():
    person = make_person()
    firms = [firm_with(3)[0] for _ in range(2)]
    both = [actions.affiliate(person, firm, ["staff"]) for firm in firms]
    db.session.commit()
    for one, still in zip(both, (True, False), strict=True):
        actions.leave(one)
        db.session.commit()
        assert make_fresh(person).may("library:read") is still
    rows = db.session.query(Affiliation).count()
    actions.affiliate(person, firms[0], ["staff"])
    db.session.commit()
    assert make_fresh(person).may("library:read")
    assert db.session.query(Affiliation).count() == rows + 1


def make_fresh(person):
    """The same person on a later request."""
    person.__dict__.pop("roles", None)
    person.__dict__.pop("permissions", None)
    return person


def test_a_leaver_frees_the_seat_at_once_and_the_first_who_waits_gets_it(browser):
    firm, manager, (leaver,) = firm_with(2, people=1)
    waits = [make_person() for _ in range(2)]
    for one in waits:
        actions.affiliate(one, firm, ["staff"])
    db.session.commit()
    assert [one.affiliation.person_id for one in queries.seat_queue(firm.id)] == [
        one.id for one in waits
    ]
    browser.sign_in(manager)
    page = browser.get("/firm/people")
    assert "2 of 2 seats taken" in page
    assert "Waits, number 2" in page
    browser.post(f"/firm/people/{held(leaver).id}/end")
    assert [has_seat(one) for one in waits] == [True, False]
    assert [one.recipient for one in mails("members/seated")] == [waits[0].email]


def test_who_waits_is_told_of_once_to_each_who_can_do_something(browser):
    firm, manager, _people = firm_with(1)
    late = make_person(display_name="Lena Late")
    actions.affiliate(late, firm, ["staff"])
    db.session.commit()
    browser.sign_in(late)
    page = browser.get("/firm/people")
    assert "You have no seat." in page
    assert "You are number 1 in the queue" in page
    assert "You have no seat" in browser.get("/dashboard")
    browser.get("/firm/people")
    browser.send("POST", "/firm/people/ask-seat", data={"csrf_token": browser.token})
    assert [one.recipient for one in mails("members/seat_wanted")] == [manager.email]
    assert "Lena Late waits" in mails("members/seat_wanted")[0].subject


def test_whose_seat_was_freed_may_ask_again(browser):
    _firm, manager, (one,) = firm_with(2, people=1)
    browser.sign_in(manager)
    assert "Free the seat of" in browser.get(f"/firm/people/{held(one).id}/seat")
    browser.post(f"/firm/people/{held(one).id}/seat")
    assert not has_seat(one)
    assert [mail.recipient for mail in mails("members/unseated")] == [one.email]
    browser.sign_in(one)
    browser.post("/firm/people/ask-seat", page="/firm/people")
    assert has_seat(one)


def test_at_the_cap_a_seat_is_refused_in_words(browser):
    firm, manager, _people = firm_with(1)
    other = make_contact(firm)
    browser.sign_in(manager)
    browser.post(f"/firm/people/{held(other).id}/seat")
    assert "1 of 1 seats taken: free one, or buy one more." in browser.get("/firm/people")
    assert not has_seat(other)


def test_a_firm_without_a_term_has_no_seats(browser):
    firm = make_firm()
    make_membership(firm, start=date(2020, 1, 1), end=date(2020, 12, 31))
    browser.sign_in(make_contact(firm, "roster_manager"))
    assert "is not a member now" in browser.get("/firm/people")
    token = browser.token
    browser.send("POST", "/firm/people/ask-seat", data={"csrf_token": token})
    assert "there are no seats" in browser.get("/firm/people")


@pytest.mark.slow  # fifty browsers
def test_fifty_at_once_for_three_seats_are_three_seats_and_forty_seven_clear_answers(app):
    firm, manager, _people = firm_with(4)
    firm_id = firm.id
    facts = {"organization": firm, "roles": ["staff"], "from_on": date(2026, 1, 1)}
    db.session.add_all(Affiliation(person=make_person(), **facts) for _ in range(50))
    db.session.commit()
    seated = queries.seated_ids(firm_id)
    wanting = [one.id for one in queries.roster(firm_id) if one.id not in seated]
    token = start_session(manager, stays=False, address="127.0.0.1", browser="test")
    db.session.commit()

    def ask(affiliation_id):
        with app.app_context():
            browser = Browser(app.test_client())
            with browser.client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = token, True
            url = f"/firm/people/{affiliation_id}/seat"
            browser.get(url)
            answer = browser.send("POST", url, data={"csrf_token": browser.token})
            with browser.client.session_transaction() as session:
                return answer.status_code, session["_flashes"][0][1]

    with ThreadPoolExecutor(max_workers=50) as pool:
        answers = list(pool.map(ask, wanting))
    assert len(answers) == 50
    assert {status for status, _words in answers} == {303}
    said = [words.endswith("has a seat.") for _status, words in answers]
    assert said.count(True) == 3
    clear = [words for _status, words in answers if not words.endswith("has a seat.")]
    assert clear == ["4 of 4 seats taken: free one, or buy one more."] * 47
    db.session.expire_all()
    assert len(queries.seated_ids(firm_id)) == 4


def test_a_renewal_keeps_people_and_seats_who_joined_since():
    firm, manager, people = firm_with(3, people=1)
    term = db.session.scalars(select(Term)).one()
    renewed = renew(firm, term, seats=3)
    late = make_person()
    actions.affiliate(late, firm, ["staff"])
    db.session.commit()
    seats = db.session.scalars(select(Seat).where(Seat.term_id == renewed.id)).all()
    assert {one.affiliation_id for one in seats} == {
        held(one).id for one in (manager, *people, late)
    }


def renew(firm, term, seats):
    start = term.end_on + timedelta(days=1)
    made = actions.start_membership(
        db.session.merge(firm), MembershipClass.PROVIDER_FRONT, start,
        start + timedelta(days=364), {"seats": {"included": seats}}, renews=term,
    )  # fmt: skip
    db.session.commit()
    return made


def test_fewer_seats_ask_who_keeps_one_then_end_the_longest_unused(browser, at):
    at(2026, 3, 1, 9)
    firm, manager, people = firm_with(4, people=3)
    make_last_used(people[0], at, (2026, 2, 1))
    make_last_used(people[1], at, (2026, 1, 1))  # people[2] never signed in
    make_last_used(manager, at, (2026, 2, 20))
    at(2026, 3, 1, 9)
    term = db.session.scalars(select(Term)).one()
    renewed = renew(firm, term, seats=2)
    assert all(map(has_seat, people))
    start = renewed.start_on
    at(start.year, start.month, start.day, 9)
    settle_crowded_terms()
    settle_crowded_terms()
    (asked,) = mails("members/choose_seats")
    assert asked.recipient == manager.email
    assert "this term has 2 seats, and 4 people" in asked.text
    browser.sign_in(manager)
    assert "2 too many" in browser.get("/firm/people")
    late = start + timedelta(days=15)
    at(late.year, late.month, late.day, 9)
    settle_crowded_terms()
    assert [has_seat(one) for one in (manager, *people)] == [True, True, False, False]
    assert {one.recipient for one in mails("members/unseated")} == {
        people[1].email, people[2].email,
    }  # fmt: skip


def make_last_used(person, at, day):
    at(*day, 9)
    start_session(person, stays=False, address="127.0.0.1", browser="test")
    db.session.commit()


def test_the_manager_chooses_and_then_nobody_else_loses_a_seat(browser, at):
    at(2026, 3, 1, 9)
    firm, manager, people = firm_with(3, people=2)
    start = renew(firm, db.session.scalars(select(Term)).one(), seats=2).start_on
    at(start.year, start.month, start.day, 9)
    browser.sign_in(manager)
    browser.post(f"/firm/people/{held(people[0]).id}/seat")
    late = start + timedelta(days=20)
    at(late.year, late.month, late.day, 9)
    settle_crowded_terms()
    assert [has_seat(one) for one in people] == [False, True]


def test_the_people_page_asks_the_same_of_few_and_of_many(browser, statements):
    firm, manager, _people = firm_with(40)
    browser.sign_in(manager)
    counts = []
    for more in (1, 12):
        for _ in range(more):
            make_contact(firm)
        statements.clear()
        browser.get("/firm/people")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 24


def test_the_jobs_of_a_day_run_again_change_nothing():
    firm_with(2, people=1)
    jobs.work()
    before = db.session.query(Seat).count(), db.session.query(OutgoingMail).count()
    settle_crowded_terms()
    assert (db.session.query(Seat).count(), db.session.query(OutgoingMail).count()) == before


def test_staff_see_the_seats_of_a_firm(browser):
    firm, _manager, _people = firm_with(3, people=1)
    browser.sign_in(make_person("membership"))
    assert "2 of 3 seats taken" in browser.get(f"/staff/members/{firm.id}")


def test_an_ordinary_member_reads_on_after_the_start_of_a_term(browser):
    browser.sign_in(make_member())
    browser.get(MEMBERS_ONLY)
    assert "You have no seat" not in browser.get("/dashboard")
