"""Two workers at once, on whichever database the tests run on: everything once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.dues import actions as dues
from portal.dues.models import CreditNote, Invoice, Tariff
from portal.dues.queries import balance, ledger_faults
from portal.dues.signals import invoice_settled
from portal.members.models import Membership, MembershipClass, Term
from portal.notices.models import Notice
from portal.renewals import actions, queries
from portal.renewals.jobs import TOGETHER, look_after_memberships
from portal.renewals.models import Renewal, TermChange
from tests.renewals.making import adopt, fte, issue, make_life, pay, terms_of

WORKERS = 4


def at_once(app, act, count=WORKERS):
    """The answers of `count` calls of `act`, each in a thread and a session of its own."""

    def alone(_n):
        with app.app_context():
            try:
                return act()
            finally:
                db.session.rollback()

    db.session.commit()
    with ThreadPoolExecutor(max_workers=count) as pool:
        found = list(pool.map(alone, range(count)))
    db.session.expire_all()
    return found


@pytest.fixture
def term(at):
    at(2026, 11, 5, 9)
    return make_life(headcount=40)


def count(model):
    return db.session.query(model).count()


def test_workers_that_look_after_one_firm_ask_invoice_and_tell_once(app, at, term):
    def work():
        for act in list(actions.due_on(term_day)):
            act()
            db.session.commit()

    term_day = term.end_on.replace(month=11, day=5)
    at_once(app, work)
    assert (count(Renewal), count(Invoice)) == (1, 1)
    assert db.session.query(Notice).filter_by(kind="renewals/opened").count() == 1
    assert db.session.query(OutgoingMail).filter_by(template="renewals/opened").count() == 1
    assert list(ledger_faults()) == []


def test_two_workers_lead_several_firms_into_the_next_term_once(app, at, term):
    """Each goes through the whole nightly pass; half of the firms pay, half go on unpaid."""
    tariff = db.session.get_one(Tariff, term.price_snapshot["tariff"])
    kinds = ("provider_front", "public_body", "public_body")
    terms = [term, *(make_life(kind, tariff=tariff) for kind in kinds)]
    at_once(app, look_after_memberships, count=2)
    assert (count(Renewal), count(Invoice)) == (4, 4)
    assert db.session.query(OutgoingMail).filter_by(template="renewals/opened").count() == 4
    for one in terms[:2]:
        pay(queries.renewal_of(one).invoice)
    at(2027, 1, 1, 9)
    at_once(app, look_after_memberships, count=2)
    assert [len(terms_of(one)) for one in terms] == [2] * 4
    assert count(Term) == 8
    assert list(ledger_faults()) == []


def test_two_workers_in_one_mass_night_do_everything_once(app, at):
    at(2026, 11, 25, 9)
    tariff, firms = adopt(), 2 * TOGETHER + 5
    for _ in range(firms):
        make_life(tariff=tariff)
    at_once(app, look_after_memberships, count=2)
    assert (count(Renewal), count(Invoice)) == (firms, firms)
    told = [(one.template, one.recipient) for one in db.session.query(OutgoingMail)]
    assert len(told) == len(set(told)) == 2 * firms
    assert list(ledger_faults()) == []


def test_two_payments_at_once_and_a_message_that_is_heard_again_begin_one_term(app, term):
    invoice = issue(term)
    invoice_id, whole = invoice.id, balance(invoice)

    def hear():
        found = db.session.get(Invoice, invoice_id)
        dues.record_transfer(found, whole, found.issued_on)
        invoice_settled.send(found)
        db.session.commit()

    at_once(app, hear, count=2)
    assert len(terms_of(term)) == 2
    assert db.session.query(Term).filter_by(renews_id=term.id).count() == 1


def test_workers_give_a_provisional_term_once(app, at):
    at(2026, 11, 5, 9)
    term = make_life(MembershipClass.PUBLIC_BODY)
    renewal = actions.open_window(term)
    actions.issue(renewal)
    db.session.commit()
    at(2027, 1, 1, 9)
    renewal_id = renewal.id

    def go_on():
        actions.go_on_unpaid(db.session.get(Renewal, renewal_id))
        db.session.commit()

    at_once(app, go_on)
    assert len(terms_of(term)) == 2


def test_one_change_pressed_twice_is_charged_once(app, term):
    term_id = term.id

    def press():
        try:
            actions.change(db.session.get(Term, term_id), fte(60), "Pressed twice.", None)
            db.session.commit()
        except Exception as refused:
            return str(refused)
        return "kept"

    answers = at_once(app, press)
    assert answers.count("kept") == 1
    assert (count(TermChange), count(Invoice)) == (1, 1)


def test_one_reconciliation_pressed_twice_issues_once(app, term):
    membership_id = term.membership_id

    def press():
        membership = db.session.get(Membership, membership_id)
        actions.reconcile(membership, "Pressed twice.")
        db.session.commit()

    at_once(app, press, count=2)
    assert (count(Invoice), count(CreditNote)) == (1, 0)
    assert queries.renewal_of(term) is None
