"""What goes wrong with memberships elsewhere, rule by rule, and does not here."""

import time
from datetime import date, timedelta

import pytest

from portal.accounts.erasing import erase
from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues import queries as books
from portal.dues.models import AttemptStatus, CreditNote
from portal.joining import actions as joining
from portal.members import queries as members
from portal.members.actions import leave
from portal.members.endings import Laying, suspend
from portal.members.models import CorporateGroup, MembershipClass, MembershipType, OverlayKind
from portal.members.standing import Standing
from portal.renewals import actions
from tests.dues.books import book, flat, make_invoice
from tests.joining.applying import again, make_application
from tests.make import make_membership, make_person, save
from tests.proofs.money import attempt, receipt
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, person_of, terms_of

THIS, NEXT = (date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))
TECHNOLOGY = MembershipClass.TECHNOLOGY


def standing_of(term):
    db.session.expire_all()
    return members.state_of(term.membership.organization).standing


def suspended(term):
    laying = Laying(OverlayKind.SUSPENSION, "Decided.", today(), scope="vote")
    suspend(term.membership, laying, "board")


def left_and_stays(term):
    actions.stay(actions.resign(term.membership, today(), "Sold", None), "They thought again")


def dropped_before(term):
    actions.drop(actions.open_window(term), "Nobody paid") if issue(term) else None


def owing_for_long(term):
    make_invoice(term.membership.organization, total=1000, due_in=-200)


STATES = {
    "before the window": ((2026, 3, 1), None), "in the window": ((2026, 11, 5), None),
    "on the last day": ((2026, 12, 31), None), "in grace": ((2027, 1, 15), None),
    "on the last day of grace": ((2027, 1, 30), None), "lapsed": ((2027, 1, 31), None),
    "lapsed for months": ((2027, 5, 10), None), "suspended": ((2026, 11, 5), suspended),
    "resigned and stayed": ((2026, 11, 5), left_and_stays),
    "dropped": ((2026, 11, 5), dropped_before), "owing for long": ((2026, 11, 5), owing_for_long),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_renewal_works_from_any_state_and_adds_one_term(at, state):
    at(2026, 2, 1, 9)
    term = make_life()
    on, happens = STATES[state]
    at(*on, 9)
    if happens:
        happens(term)
        db.session.commit()
    is_lapsed = standing_of(term) is Standing.LAPSED
    pay(actions.come_back(term) if is_lapsed else issue(term))
    assert terms_of(term) == [THIS, NEXT]
    assert len(term.membership.organization.memberships) == 1


def test_a_pending_renewal_moves_no_date_until_it_is_paid_and_then_once(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    for day in ((2026, 12, 30), (2027, 1, 15)):
        at(*day, 9)
        jobs.work()
        assert terms_of(term) == [THIS]
    pay(invoice)
    jobs.work()
    assert terms_of(term) == [THIS, NEXT]


@pytest.mark.parametrize("day", [(2026, 11, 5), (2026, 12, 31)])
def test_a_failed_renewal_payment_changes_no_term_that_is_in_force(at, day):
    at(*day, 9)
    term = make_life()
    tried = attempt(issue(term))
    dues.settle(receipt(tried, "failed"))
    db.session.commit()
    assert tried.status is AttemptStatus.FAILED
    assert (terms_of(term), standing_of(term)) == ([THIS], Standing.IN_FORCE)


def test_an_early_renewal_is_never_both_credit_and_extension(at):
    """The days that are left stay with the old term; the next is whole, and is paid whole."""
    at(2026, 10, 10, 9)
    term = make_life()
    invoice = issue(term)
    payment = pay(invoice)
    assert terms_of(term) == [THIS, NEXT]
    assert invoice.total_minor == payment.amount_minor == 181600
    assert (books.unallocated_of(payment), db.session.query(CreditNote).count()) == (0, 0)
    assert next_of(term).start_on - term.end_on == timedelta(days=1)


def test_an_early_renewal_that_is_paid_twice_is_one_term_and_the_rest_is_credit(at):
    at(2026, 10, 10, 9)
    term = make_life()
    invoice = issue(term)
    pay(invoice)
    twice = dues.record_transfer(
        invoice, Money(181600, "EUR"), today(), by=make_person("finance")
    )  # fmt: skip
    db.session.commit()
    assert (terms_of(term), books.unallocated_of(twice)) == ([THIS, NEXT], 181600)


def test_growing_after_an_early_renewal_is_charged_for_each_term_by_its_own_days(at):
    at(2026, 12, 1, 9)
    term = make_life(headcount=40)
    pay(issue(term))
    made = actions.change(term, fte(60), "They grew", None)
    db.session.commit()
    days = [[(line.covers_from, line.covers_to) for line in one.invoice.lines] for one in made]
    assert days == [[(date(2026, 12, 1), date(2026, 12, 31))], [NEXT]]
    assert terms_of(term) == [THIS, NEXT]


def test_approved_first_and_paid_later_begins_one_membership(at):
    at(2026, 11, 22, 9)
    made = make_application(upto="awaiting_payment")
    firm = made.organization
    assert members.state_of(firm).standing is Standing.NONE
    dues.record_transfer(made.invoice, made.invoice.total, today())
    db.session.commit()
    assert (again(made).status, len(firm.memberships)) == ("activated", 1)


def test_paid_first_and_approved_later_begins_one_membership(at):
    """Money that came before the decision waits as credit and begins nothing by itself."""
    at(2026, 11, 22, 9)
    made = make_application(upto="under_review")
    early = dues.Arrival(Money(400000, "EUR"), today(), by=make_person("finance"))
    payment = dues.receive(early, [])
    db.session.commit()
    assert again(made).organization is None
    invoice = joining.approve(made, make_person())
    db.session.commit()
    assert members.state_of(again(made).organization).standing is Standing.NONE
    dues.allocate(payment, invoice, invoice.total)
    db.session.commit()
    assert (again(made).status, len(made.organization.memberships)) == ("activated", 1)
    assert books.unallocated_of(payment) == 400000 - invoice.total_minor


def test_a_renewal_without_a_price_moves_the_date_once(at):
    at(2026, 11, 5, 9)
    term = make_life(TECHNOLOGY, tariff=adopt(book=book(flat(0, "technology"))))
    invoice = issue(term)
    assert invoice.total_minor == 0
    for _ in range(3):
        jobs.work()
    assert terms_of(term) == [THIS, NEXT]
    assert actions.issue(actions.open_window(term)) is invoice


def test_expired_and_two_terms_paid_are_two_terms(at):
    at(2027, 5, 10, 9)
    term = make_life()
    pay(actions.come_back(term))
    at(2027, 11, 5, 9)
    pay(issue(next_of(term)))
    assert terms_of(term) == [THIS, NEXT, (date(2028, 1, 1), date(2028, 12, 31))]


def test_each_class_has_its_own_days_of_grace(at):
    at(2026, 11, 5, 9)
    short = MembershipType.by_default(TECHNOLOGY)
    short.grace_days = 10
    save(short)
    tariff = adopt()
    for kind, days in ((TECHNOLOGY, 10), (MembershipClass.PROVIDER_FRONT, 30)):
        term = make_life(kind, tariff=tariff)
        pay(issue(term))
        assert (next_of(term).grace_until_on - next_of(term).end_on).days == days


def test_of_two_payments_on_an_invoice_undoing_one_leaves_the_other(at):
    at(2026, 11, 5, 9)
    invoice = issue(make_life())
    first, second = pay(invoice, 1000), pay(invoice, 2000)
    dues.free(first, invoice, "Entered for the wrong firm")
    db.session.commit()
    assert books.balance(invoice).minor == invoice.total_minor - 2000
    assert (books.unallocated_of(first), books.unallocated_of(second)) == (1000, 0)


def test_a_firm_with_two_memberships_renews_one_and_the_other_keeps_its_dates(at):
    at(2026, 11, 5, 9)
    term = make_life()
    other = make_membership(
        term.membership.organization, TECHNOLOGY, start=date(2026, 3, 1), end=date(2027, 2, 28)
    ).terms[0]
    pay(issue(term))
    assert terms_of(term) == [THIS, NEXT]
    assert terms_of(other) == [(date(2026, 3, 1), date(2027, 2, 28))]


def test_a_firm_outlives_its_administrator(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    manager = person_of(term, "manager")
    firm = term.membership.organization
    leave(members.affiliation_of(manager))
    db.session.commit()
    erase(manager)
    db.session.commit()
    assert standing_of(term) is Standing.IN_FORCE
    pay(invoice)
    assert terms_of(term) == [THIS, NEXT]
    assert members.firm_of(person_of(term)) is firm


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_days_end_where_the_association_sits_wherever_the_server_stands(at, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        at(2026, 12, 31, 22, 59)  # in Amsterdam one minute before the year ends
        assert today() == date(2026, 12, 31)
        at(2026, 12, 31, 23, 0)
        assert today() == date(2027, 1, 1)
    finally:
        monkeypatch.undo()
        time.tzset()


def together(firms):
    """Renewal invoices of several terms, paid by one transfer."""
    invoices = [issue(one) for one in firms]
    whole = Money(sum(one.total_minor for one in invoices), "EUR")
    payer = firms[0].membership.organization_id
    arrived = dues.Arrival(whole, today(), payer, by=make_person("finance"))
    payment = dues.receive(arrived, [(one, one.total_minor) for one in invoices])
    db.session.commit()
    return payment


def test_one_payment_renews_two_firms_of_a_group(at):
    at(2026, 11, 5, 9)
    tariff, group = adopt(), save(CorporateGroup(name="One owner"))
    terms = [make_life(tariff=tariff, group=group, headcount=many) for many in (40, 60)]
    payment = together(terms)
    assert payment.amount_minor == 181600 + 241800
    assert [terms_of(one) for one in terms] == [[THIS, NEXT]] * 2
    assert books.unallocated_of(payment) == 0
    assert list(books.ledger_faults()) == []


def test_one_payment_renews_two_memberships_of_a_firm_and_neither_overwrites_the_other(at):
    at(2026, 11, 5, 9)
    first = make_life(tariff=adopt())
    snapshot = dict(first.price_snapshot)
    second = make_membership(
        first.membership.organization, TECHNOLOGY, *THIS, price_snapshot=snapshot
    ).terms[0]
    together([first, second])
    assert terms_of(first) == terms_of(second) == [THIS, NEXT]
    following = [next_of(one) for one in (first, second)]
    assert [one.membership.kind for one in following] == [first.membership.kind, TECHNOLOGY]
    assert len({one.price_snapshot["invoice"] for one in following}) == 2


@pytest.mark.parametrize(
    ("day", "button"),
    [((2026, 12, 31), "Renew now"), ((2027, 1, 1), "Renew now"), ((2027, 1, 15), "Renew now"),
     ((2027, 1, 30), "Renew now"), ((2027, 1, 31), "Come back")],
)  # fmt: skip
def test_renew_is_offered_through_grace_to_its_last_day(browser, at, day, button):
    at(*day, 9)
    term = make_life()
    browser.sign_in(person_of(term))
    page = browser.get("/firm/membership")
    assert [one for one in ("Renew now", "Come back") if f">{one}</button>" in page] == [button]


@pytest.mark.parametrize("kind", MembershipClass)
def test_every_class_has_a_price_of_its_own_and_none_is_one_too_many(browser, at, kind):
    at(2026, 1, 1, 9)
    prices = {one: 10_000 + 100 * n for n, one in enumerate(MembershipClass)}
    adopt(book=book(*(flat(minor, one.value) for one, minor in prices.items())))
    page = browser.get(f"/join/?kind={kind.value}&metric_contact_centre_fte=40&country=PH")
    choices = [one for one in MembershipClass if f'value="{one.value}"' in page]
    assert choices == list(MembershipClass)
    assert str(Money(prices[kind], "EUR").figures) in page
