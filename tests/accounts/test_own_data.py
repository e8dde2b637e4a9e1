"""What is kept of a person can be taken away and erased; the books and the record hold."""

import csv
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.accounts import erasing
from portal.accounts.holdings import HOLDINGS
from portal.accounts.models import DataBundle, Person, SignIn, Token, TokenKind
from portal.accounts.tokens import make as make_token
from portal.committees.models import Committee, CommitteeSeat
from portal.core import audit, jobs, mail
from portal.core.audit import AuditEvent
from portal.core.db import Model, db
from portal.core.files import UnknownFile, store
from portal.core.mail import OutgoingMail
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.joining.models import Application
from portal.library.actions import revise
from portal.library.models import Comment, Review
from portal.library.voting import vote
from portal.members import actions as members
from portal.members import merging, queries
from portal.notices.actions import follow
from tests.dues.books import make_invoice
from tests.events.making import make_event, registered
from tests.joining.applying import make_application
from tests.make import (
    NOW,
    PASSWORD,
    make_contact,
    make_firm,
    make_membership,
    make_person,
    save,
)
from tests.people import make_practice

ERASE = {"typed": "ERASE", "current": PASSWORD}
NAME, EMAIL = "Rosa Dizon", "rosa@acacia.example"


@pytest.fixture
def firm():
    made = make_firm(name="Acacia Care")
    make_membership(made)
    make_contact(made, "roster_manager")
    return made


@pytest.fixture
def rosa(browser, firm):
    """A delegate who follows a place, sat on a committee, went to an event and was mailed."""
    person = make_contact(
        firm, "delegate", display_name=NAME, email=EMAIL, phone="+63917", zone="Asia/Manila"
    )
    wages = save(Committee(slug="wages", name="Wages", remit="To think."))
    save(CommitteeSeat(committee=wages, person=person, organization=firm,
                       from_on=date(2020, 1, 1)))  # fmt: skip
    follow(person.id, "place", 7)
    make_token(TokenKind.VERIFY, EMAIL, person)
    db.session.commit()
    return browser.sign_in(person)


def bundle(browser):
    browser.post("/account/data/ask", page="/account/data")
    assert "Being put together" in browser.get("/account/data")
    jobs.work()
    made = db.session.scalars(select(DataBundle)).one()
    assert f"/account/data/{made.id}" in browser.get("/account/data")
    return made


def everything():
    """Every value of every row, as text."""
    found = []
    with db.engine.connect() as connection:
        for table in Model.metadata.sorted_tables:
            found += [f"{table.name}: {tuple(row)}" for row in connection.execute(select(table))]
    return found


def test_a_person_gets_a_bundle_by_a_link_that_is_theirs_for_a_day(
    browser, another_browser, rosa, at
):
    made = bundle(browser)
    body = browser.get(f"/account/data/{made.id}")
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        names = set(found.namelist())
        words = found.read("index.html").decode()
        profile = json.loads(found.read("profile.json"))
        firms = found.read("firms.csv").decode()
        follows = json.loads(found.read("follows.json"))
    assert names == {"index.html"} | {
        f"{one.name}.{kind}" for one in HOLDINGS for kind in ("json", "csv")
    }
    assert profile[0]["email"] == EMAIL
    assert "Acacia Care" in firms
    assert follows[0]["subject_id"] == 7
    assert all(word in words for word in ("Purpose:", "Source:", "Shown to:", "Kept:"))
    assert rosa.password_hash not in body.decode("latin-1")
    another_browser.sign_in()
    another_browser.get(f"/account/data/{made.id}", status=404)
    verbs = select(AuditEvent.verb).order_by(AuditEvent.id)
    verbs = verbs.where(AuditEvent.verb.like("person.data%"))
    assert db.session.scalars(verbs).all() == ["person.data_asked", "person.data_made"]
    assert made.expires_at - made.ready_at == timedelta(days=1)


def test_the_file_of_a_bundle_is_deleted_after_a_day(browser, rosa, at):
    at(2026, 11, 22, 9)
    browser.sign_in(rosa)
    made = bundle(browser)
    key = made.key
    at(2026, 11, 23, 10)
    browser.sign_in(rosa)
    browser.get(f"/account/data/{made.id}", status=404)
    jobs.work()
    with pytest.raises(UnknownFile):
        store().get(key)
    assert "the link has expired" in browser.get("/account/data")


def test_the_words_that_somebody_wrote_for_the_library_are_in_it(browser, rosa):
    practice = make_practice("bus-check")
    revise(practice, {"title": "The last bus"}, "Count the seats.", "Shorter", rosa)
    save(Review(practice=practice, reviewer=rosa, is_peer=True, asked_at=NOW,
                due_on=date(2026, 1, 5)))  # fmt: skip
    save(Comment(practice_id=practice.id, author=rosa, version=1, text="Which bus?", made_at=NOW))
    vote(practice, rosa, "It helped", is_useful=True)
    db.session.commit()
    made = bundle(browser)
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/account/data/{made.id}"))) as found:
        (wrote,) = json.loads(found.read("practices.json"))
        said = list(csv.DictReader(io.StringIO(found.read("reviews.csv").decode())))
        votes = json.loads(found.read("votes.json"))
    assert (wrote["title"], wrote["body"]) == ("The last bus", "Count the seats.")
    assert [(one["practice"], one["due_on"], one["text"]) for one in said] == [
        ("bus-check", "2026-01-05", ""), ("bus-check", "", "Which bus?")
    ]  # fmt: skip
    assert votes[0]["text"] == "It helped"


def test_a_formula_in_a_bundle_is_only_text(browser, rosa):
    rosa.display_name = "=1+1"
    db.session.commit()
    made = bundle(browser)
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/account/data/{made.id}"))) as found:
        assert "'=1+1" in found.read("profile.csv").decode()


def test_every_table_that_points_at_a_person_is_in_the_bundle_or_named_here():
    """A new table with people in it must say what becomes of them."""
    known = {
        "affiliations", "applications", "approvals", "attestations", "bank_files", "bank_matches",
        "card_mandates", "committee_seats", "data_bundles", "declarations", "event_orders",
        "follows", "group_declarations", "imports", "join_requests", "mail_paces",
        "measure_events", "measure_notes", "measure_reviews", "news_marks", "notices", "overlays",
        "practice_comments", "practice_drafts", "practice_replies",
        "practice_reviews", "practice_revisions", "practice_votes",
        "proposals", "recovery_codes", "registrations", "remarks", "renewals", "resignations",
        "role_grants", "saved_searches", "sign_ins", "stopped_mail",
        "tariff_drafts", "tax_id_checks", "term_changes", "tokens",
        "feed_keys", "read_marks", "reading_lists",
        "checklist_answers", "checklist_helpers", "checklist_runs",
        "benchmark_answers",
    }  # fmt: skip
    found = {
        table.name for table in Model.metadata.sorted_tables for key in table.foreign_keys
        if key.column.table is Person.__table__
    }  # fmt: skip
    assert found == known


def test_erasure_takes_every_trace_of_the_name_and_the_address(browser, rosa):
    bundle(browser)
    browser.post("/account/data/erase", **ERASE)
    left = [one for one in everything() if NAME in one or EMAIL in one or "+63917" in one]
    assert left == []
    assert db.session.scalars(select(SignIn).filter_by(person_id=rosa.id)).all() == []
    assert db.session.scalars(select(Token).filter_by(person_id=rosa.id)).all() == []
    assert db.session.scalars(select(DataBundle)).all() == []


def test_erasure_closes_the_account_and_what_it_held(browser, another_browser, rosa, firm):
    another_browser.sign_in(rosa)
    answer = browser.post("/account/data/erase", **ERASE)
    assert "Your data are erased" in browser.get(answer.location)
    assert another_browser.send("GET", "/account/").status_code == 302
    person = db.session.get(Person, rosa.id)
    assert person.disabled_at
    assert person.password_hash is None
    assert person.id not in {one.person_id for one in queries.roster(firm.id)}
    seat = db.session.scalars(select(CommitteeSeat)).one()
    assert seat.until_on is not None


def test_office_and_firm_stay_where_the_name_stood(browser, rosa):
    assert "former delegate of Acacia Care" in browser.get("/account/data/erase")
    browser.post("/account/data/erase", **ERASE)
    seat = db.session.scalars(select(CommitteeSeat)).one()
    assert seat.person.display_name == "former delegate of Acacia Care"
    assert "Rosa" not in browser.get("/committees/wages")


def test_erasure_keeps_the_ledger_the_seats_and_a_verifiable_chain(browser, rosa, firm):
    invoice = make_invoice(firm)
    dues.record_transfer(invoice, Money(1000, "EUR"), date(2026, 1, 1), "bank", by=rosa)
    mine = make_invoice(False, total=5000, email=EMAIL)
    dues.record_transfer(mine, Money(5000, "EUR"), date(2026, 1, 1), "bank", by=rosa)
    db.session.commit()

    def books():
        return (
            dues_queries.trial_balance(date(2030, 1, 1)),
            len(db.session.scalars(select(CommitteeSeat)).all()),
            len(queries.all_affiliations(firm.id)),
            len(db.session.scalars(dues_queries.invoices()).unique().all()),
        )

    before = books()
    browser.post("/account/data/erase", **ERASE)
    assert books() == before
    assert list(dues_queries.ledger_faults()) == []
    assert list(audit.broken_links()) == []
    event = db.session.scalars(select(AuditEvent).filter_by(verb="person.erased")).one()
    assert (event.actor, event.details) == (f"person:{rosa.id}", {})


def test_an_open_debt_of_a_natural_person_stands_against_it(browser, rosa):
    invoice = make_invoice(False, total=5000, email=EMAIL)
    assert f"You owe something on {invoice.number}" in browser.get("/account/data/erase")
    page = browser.post("/account/data/erase", status=200, **ERASE).text
    assert "settle it first" in page
    assert db.session.get(Person, rosa.id).email == EMAIL
    dues.record_transfer(invoice, Money(5000, "EUR"), date(2026, 1, 1), "bank")
    db.session.commit()
    browser.post("/account/data/erase", **ERASE)


def test_a_debt_of_the_firm_does_not(browser, rosa, firm):
    make_invoice(firm, email=EMAIL)
    browser.post("/account/data/erase", **ERASE)


def test_a_place_ahead_and_an_application_under_way_are_ended_first(browser, rosa):
    registered(make_event(), EMAIL)
    make_application(email=EMAIL)
    reasons = erasing.why_not(rosa)
    assert any("cancel it first" in one for one in reasons)
    assert any("Withdraw your application" in one for one in reasons)


def test_an_application_that_was_decided_keeps_the_firm_and_forgets_the_person(browser, rosa):
    made = make_application(email=EMAIL, upto="withdrawn")
    browser.post("/account/data/erase", **ERASE)
    db.session.expire_all()
    kept = db.session.get(Application, made.id)
    assert kept.answers["firm"]["name"] == "Sampaguita Care Inc."
    assert (kept.applicant, kept.answers["contacts"]["phone"]) == ("Erased", "")


def test_the_last_administrator_makes_another_one_first(browser):
    browser.sign_in(make_person("admin"))
    assert "last administrator" in browser.post("/account/data/erase", status=200, **ERASE).text
    make_person("admin")
    browser.post("/account/data/erase", **ERASE)


@pytest.mark.parametrize(
    ("typed", "current", "words"),
    [
        ("erase", PASSWORD, "Type ERASE in capitals"),
        ("ERASE", "wrong horse", "This is not your password"),
    ],
)
def test_erasure_wants_the_word_and_the_password(browser, rosa, typed, current, words):
    answer = browser.post("/account/data/erase", status=200, typed=typed, current=current)
    assert words in answer.text
    assert db.session.get(Person, rosa.id).disabled_at is None


def test_guesses_at_the_password_that_erases_are_limited(browser, rosa):
    facts = {"typed": "ERASE", "current": "wrong horse"}
    for _ in range(10):
        browser.post("/account/data/erase", status=200, **facts)
    refused = browser.post("/account/data/erase", status=429, **ERASE)
    assert "Too many tries. Wait" in refused.text
    assert refused.headers["Retry-After"].isdigit()
    assert db.session.get(Person, rosa.id).disabled_at is None


def test_what_was_not_sent_yet_is_not_sent_any_more(browser, rosa, sent):
    dues.mail_invoice(make_invoice(make_firm(), email=EMAIL), to=EMAIL)
    db.session.commit()
    browser.post("/account/data/erase", **ERASE)
    assert [one for one in sent() if EMAIL in str(one)] == []
    assert {one.recipient for one in db.session.scalars(select(OutgoingMail))} >= {"erased"}


def test_an_account_merged_into_it_is_erased_with_it(browser, rosa):
    from_before = make_person(display_name=NAME, email="rosa.old@acacia.example")
    mail.queue("accounts/second_factor", to=from_before.email, person=from_before, is_on=True)
    merging.merge_people(rosa, from_before, "She has two")
    db.session.commit()
    browser.sign_in(db.session.get(Person, rosa.id))
    browser.post("/account/data/erase", **ERASE)
    assert [one for one in everything() if NAME in one or "rosa.old" in one] == []


def test_the_record_names_people_by_number_alone(browser, firm, rosa):
    manager = next(one.person for one in queries.roster(firm.id) if one.person_id != rosa.id)
    members.invite_colleague(firm, "new@acacia.example", "New One", ["staff"], manager)
    held = queries.affiliation_of(rosa)
    members.end_affiliation(held)
    db.session.commit()
    said = json.dumps([one.details for one in db.session.scalars(select(AuditEvent))])
    assert NAME not in said
    assert "new@acacia.example" not in said
