from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as queries_of_dues
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.periods import NotQuotable
from portal.dues.queries import balance
from portal.dues.signals import invoice_settled
from portal.members import queries as members
from portal.members.actions import start_membership
from portal.members.models import MembershipClass, Term
from portal.members.standing import Standing
from portal.renewals import actions, queries
from portal.renewals.models import Renewal
from portal.renewals.prices import quote_term, size_now, size_of_next
from tests.dues.books import KSF, book, make_tariff
from tests.make import make_contact
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, person_of, terms_of

PUBLIC, STARTUP = MembershipClass.PUBLIC_BODY, MembershipClass.STARTUP
THIS, NEXT = (date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))


def renewals():
    return db.session.query(Renewal).all()


def dues_invoices():
    return db.session.query(Invoice).filter_by(kind=InvoiceKind.DUES).all()


def run(at, *day):
    at(*day, 9)
    jobs.work()
    db.session.expire_all()


def test_the_window_opens_90_days_before_the_next_term_and_asks_for_the_size(at, sent):
    at(2026, 10, 2, 12)
    term = make_life(headcount=40)
    jobs.work()
    assert renewals() == []
    run(at, 2026, 10, 3)
    assert [one.term_id for one in renewals()] == [term.id]
    mail = next(one for one in sent() if "can be renewed" in one["Subject"])
    assert mail["To"] == person_of(term).email
    assert "Contact centre FTE: 40, not declared" in mail.get_body(("plain",)).get_content()
    assert "because you deal with the dues" in mail.get_body(("html",)).get_content()


def test_the_invoice_goes_out_60_days_before_and_is_due_when_the_term_ends(at):
    at(2026, 11, 1, 12)
    term = make_life()
    jobs.work()
    assert dues_invoices() == []
    run(at, 2026, 11, 2)
    (invoice,) = dues_invoices()
    assert (invoice.total_minor, invoice.due_on) == (181600, date(2026, 12, 31))
    assert invoice.lines[0].membership_id == term.membership_id
    run(at, 2026, 11, 3)
    assert len(dues_invoices()) == 1


def test_a_size_that_was_declared_prices_the_next_term(at):
    at(2026, 10, 20, 9)
    term = make_life(headcount=40)
    renewal = actions.open_window(term)
    signed(term, "contact_centre_fte", "60")
    actions.choose(renewal, 6, None)
    invoice = issue(term)
    assert [line.net_minor for line in invoice.lines] == [241800, 9500]
    pay(invoice)
    assert next_of(term).price_snapshot["is_last_value"] is False
    with pytest.raises(Refused, match="is out already"):
        actions.choose(renewal, 0, None)


def signed(term, metric, value, at_day=None):
    person, year = person_of(term), (date(2025, 1, 1), date(2025, 12, 31))
    told = dues.Told(metric, Decimal(value), year, "All of it")
    made = dues.declare(term.membership.organization, told, person.id, currency="EUR")
    db.session.commit()
    return made


def test_a_number_that_was_signed_on_the_page_of_declarations_prices_the_next_term(at):
    at(2026, 10, 20, 9)
    term = make_life(headcount=40)
    signed(term, "contact_centre_fte", "60.5")
    invoice = issue(term)
    assert [line.net_minor for line in invoice.lines] == [241800]
    pay(invoice)
    snapshot = next_of(term).price_snapshot
    assert (snapshot["metrics"], snapshot["is_last_value"]) == (fte("60.5"), False)
    assert size_now(next_of(term)).metrics == fte("60.5")
    found = actions.compare(term.membership).difference
    assert (found.wrong, {one.first.year for one in found.missing}) == ((), {2026}), "never billed"


def test_the_number_told_last_counts_on_whichever_page(at):
    at(2026, 10, 20, 9)
    term = make_life(headcount=40)
    signed(term, "contact_centre_fte", "60")
    at(2026, 10, 21, 9)
    actions.change(term, fte(45), "Told by the firm", person_of(term))
    assert size_of_next(actions.open_window(term)).metrics == fte(45)
    at(2026, 10, 22, 9)
    signed(term, "contact_centre_fte", "70")
    assert size_of_next(actions.open_window(term)).metrics == fte(70)
    (told,) = queries_of_dues.declared(term.membership.organization_id).values()
    assert (told.metric, told.value) == ("contact_centre_fte", 70)


def test_what_is_asked_in_money_is_priced_by_what_was_declared_and_never_by_people(at):
    at(2026, 10, 20, 9)
    by_revenue = {
        "kind": "bands", "classes": ["provider_front"], "metric": "revenue",
        "rounding": "half_up", "bands": KSF,
    }  # fmt: skip
    term = make_life(headcount=40, tariff=make_tariff(book=book(by_revenue)))
    with pytest.raises(NotQuotable):
        issue(term)
    signed(term, "revenue", "60")
    invoice = issue(term)
    assert [line.net_minor for line in invoice.lines] == [241800]
    pay(invoice)
    at(2026, 12, 1, 9)
    signed(term, "revenue", "9")
    assert [one.net for one in quote_term(next_of(term)).lines] == [241800], "sold is sold"


def test_with_nothing_declared_it_is_the_last_value_with_a_flag_never_the_lowest(at):
    at(2026, 11, 5, 9)
    term = make_life(headcount=60)
    invoice = issue(term)
    assert invoice.net_minor == 241800
    pay(invoice)
    assert next_of(term).price_snapshot["is_last_value"] is True


def test_G39_early_renewal_takes_no_day_away(at):
    at(2027, 2, 1, 9)
    rolling = adopt(period={"kind": "anniversary", "months": 12})
    term = make_life(start=date(2026, 3, 15), end=date(2027, 3, 14), tariff=rolling)
    pay(issue(term))
    assert terms_of(term)[1] == (date(2027, 3, 15), date(2028, 3, 14))


@pytest.mark.parametrize("paid_on", [(2027, 1, 1), (2027, 1, 15), (2027, 1, 30)])
def test_late_in_grace_the_term_begins_where_the_old_one_ended(at, paid_on):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    at(*paid_on, 9)
    pay(invoice)
    assert terms_of(term) == [THIS, NEXT]


def test_G60_a_lapsed_firm_that_pays_the_gap_has_no_gap(at):
    at(2027, 5, 10, 9)
    term = make_life()
    invoice = actions.come_back(term)
    db.session.commit()
    assert members.state_of(term.membership.organization).standing is Standing.LAPSED
    assert invoice.total_minor == 181600
    pay(invoice)
    assert terms_of(term) == [THIS, NEXT]
    assert members.state_of(term.membership.organization).standing is Standing.IN_FORCE


def test_G60_where_the_class_restarts_the_term_begins_today_with_a_fee(at):
    at(2027, 5, 10, 9)
    term = make_life(STARTUP)
    invoice = actions.come_back(term)
    db.session.commit()
    assert [line.net_minor for line in invoice.lines] == [32329, 5000]  # 50000 × 236/365
    assert actions.come_back(term) == invoice
    pay(invoice)
    assert terms_of(term)[1] == (date(2027, 5, 10), date(2027, 12, 31))


def test_where_the_class_restarts_the_old_claim_goes_when_the_firm_lapses(at):
    at(2026, 11, 5, 9)
    term = make_life(STARTUP)
    invoice = issue(term)
    run(at, 2027, 1, 30)
    assert balance(invoice)
    run(at, 2027, 1, 31)
    assert not balance(invoice)
    assert renewals()[0].dropped_at
    assert actions.come_back(term) != invoice


def test_half_a_year_later_the_firm_joins_anew(at):
    at(2027, 6, 29, 9)
    term = make_life()
    assert actions.way_back(term, date(2027, 6, 29))[1]
    at(2027, 6, 30, 9)
    with pytest.raises(Refused, match="join anew"):
        actions.come_back(term)


def test_who_did_not_lapse_has_nothing_to_come_back_to(at):
    at(2027, 1, 15, 9)
    with pytest.raises(Refused, match="did not lapse"):
        actions.come_back(make_life())


def test_a_class_that_goes_on_unpaid_has_a_provisional_term_that_payment_makes_firm(at):
    at(2026, 11, 5, 9)
    term = make_life(PUBLIC)
    invoice = issue(term)
    run(at, 2026, 12, 31)
    assert next_of(term) is None
    run(at, 2027, 1, 1)
    assert terms_of(term) == [THIS, NEXT]
    pay(invoice)
    assert terms_of(term) == [THIS, NEXT]


def test_an_unpaid_drop_restores_the_old_end_and_takes_the_claim_back(at):
    at(2026, 11, 5, 9)
    term = make_life(PUBLIC)
    invoice = issue(term)
    run(at, 2027, 1, 2)
    firm = term.membership.organization
    assert members.state_of(firm).until == date(2027, 12, 31)
    actions.drop(queries.renewal_of(term), "Nobody paid.")
    db.session.commit()
    assert terms_of(term) == [THIS]
    assert members.state_of(firm).until == date(2026, 12, 31)
    assert members.state_of(firm).standing is Standing.GRACE
    assert not balance(invoice)
    run(at, 2027, 1, 5)
    assert len(dues_invoices()) == 1  # what was dropped is not issued again by itself
    with pytest.raises(Refused, match="Nothing is unpaid"):
        actions.drop(queries.renewal_of(term), "Again.")
    at(2027, 4, 1, 9)
    pay(actions.come_back(term))
    assert terms_of(term) == [THIS, NEXT]


def test_paying_twice_or_hearing_twice_begins_one_term(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    pay(invoice, 100000)
    assert terms_of(term) == [THIS]
    pay(invoice)
    for _ in range(3):
        invoice_settled.send(invoice)
        db.session.commit()
    assert terms_of(term) == [THIS, NEXT]
    assert db.session.query(Term).filter_by(renews_id=term.id).count() == 1


def test_paying_a_pending_invoice_makes_no_second_membership(at):
    at(2026, 11, 5, 9)
    term = make_life()
    pay(issue(term))
    assert len(term.membership.organization.memberships) == 1


def test_a_price_of_nothing_moves_the_date_once(at):
    at(2026, 11, 5, 9)
    term = make_life(MembershipClass.SUPPORTER, tariff=adopt(
        {"kind": "flat", "classes": ["supporter"], "amount": 0}
    ))  # fmt: skip
    issue(term)
    assert terms_of(term) == [THIS, NEXT]
    jobs.work()
    assert terms_of(term) == [THIS, NEXT]


def test_expired_and_renewed_twice_is_two_terms_on(at):
    at(2026, 11, 5, 9)
    term = make_life()
    pay(issue(term))
    pay(issue(next_of(term)))
    assert terms_of(term) == [THIS, NEXT, (date(2028, 1, 1), date(2028, 12, 31))]


def test_G62_the_next_term_has_the_tariff_of_its_own_first_day(at):
    at(2026, 11, 2, 9)
    term = make_life(MembershipClass.TECHNOLOGY)
    dearer = {"kind": "flat", "classes": ["technology"], "amount": 70000}
    next_book = book(dearer) | {"effective_from": "2027-01-01"}
    adopt(book=next_book, code="2027", start=date(2027, 1, 1))
    assert issue(term).total_minor == 70000


def test_a_price_that_nobody_decided_is_not_guessed_and_the_job_goes_on(at):
    at(2026, 11, 5, 9)
    tariff = adopt()
    without = make_life(MembershipClass.ACADEMIC, tariff=tariff)
    priced = make_life(tariff=tariff)
    jobs.work()
    assert queries.renewal_of(without).invoice is None
    assert queries.renewal_of(priced).invoice is not None


def test_an_invoice_that_charges_these_days_already_is_the_renewals(at):
    at(2026, 11, 1, 9)
    term = make_life()
    by_hand = issue(term)
    renewal = queries.renewal_of(term)
    renewal.invoice = None
    db.session.commit()
    assert issue(term) == by_hand
    assert len(dues_invoices()) == 1


def test_a_term_without_an_end_does_not_exist():
    assert not Term.__table__.c.end_on.nullable
    assert not Term.__table__.c.grace_until_on.nullable


def test_a_credited_renewal_begins_nothing(at):
    at(2026, 11, 5, 9)
    term = make_life()
    dues.credit(issue(term), "A slip.")
    db.session.commit()
    assert terms_of(term) == [THIS]


def test_the_membership_closes_when_the_window_after_it_is_over(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    run(at, 2027, 6, 29)
    assert term.membership.ended_on is None
    run(at, 2027, 6, 30)
    assert term.membership.end_reason == "lapsed_confirmed"
    assert not balance(invoice)


def test_rejoining_after_that_is_a_new_membership_that_nothing_old_clouds(at):
    at(2027, 8, 1, 9)
    term = make_life()
    jobs.work()
    firm = term.membership.organization
    start_membership(firm, firm.memberships[0].kind, date(2027, 8, 1), date(2027, 12, 31), {})
    db.session.commit()
    db.session.expire_all()
    assert members.state_of(firm).standing is Standing.IN_FORCE
    assert len(members.classes_of(firm)) == 1


def test_a_job_that_was_away_for_three_days_finds_the_states_right_and_tells_once(at, sent):
    at(2026, 10, 1, 9)
    term = make_life()
    jobs.work()
    at(2026, 10, 6, 9)
    assert members.state_of(term.membership.organization).standing is Standing.IN_FORCE
    jobs.work()
    at(2026, 10, 6, 20)
    jobs.work()
    opened = [one for one in sent() if "can be renewed" in one["Subject"]]
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("instant", "standing"),
    [
        ((2026, 12, 31, 22, 59), Standing.IN_FORCE),  # 23:59 in Amsterdam
        ((2026, 12, 31, 23, 30), Standing.GRACE),  # 00:30
        ((2027, 1, 30, 22, 59), Standing.GRACE),
        ((2027, 1, 30, 23, 30), Standing.LAPSED),
    ],
)
def test_days_end_at_midnight_where_the_association_sits(at, instant, standing):
    at(2026, 11, 5, 9)
    term = make_life()
    at(*instant)
    assert members.state_of(term.membership.organization).standing is standing


def test_a_term_that_ends_on_the_day_the_clocks_change_ends_at_its_midnight(at):
    at(2026, 10, 1, 9)
    term = make_life(start=date(2025, 10, 26), end=date(2026, 10, 25))
    at(2026, 10, 25, 22, 59)  # 23:59, an hour after summer time ended
    assert members.state_of(term.membership.organization).standing is Standing.IN_FORCE
    at(2026, 10, 25, 23, 1)
    assert members.state_of(term.membership.organization).standing is Standing.GRACE


def test_a_leap_day_anchor_returns_to_the_29th_through_renewals(at):
    at(2025, 2, 20, 9)
    rolling = adopt(period={"kind": "anniversary", "months": 12})
    term = make_life(start=date(2024, 2, 29), end=date(2025, 2, 27), tariff=rolling)
    for _ in range(4):
        pay(issue(term))
        term = next_of(term)
    assert terms_of(term) == [
        (date(2024, 2, 29), date(2025, 2, 27)), (date(2025, 2, 28), date(2026, 2, 27)),
        (date(2026, 2, 28), date(2027, 2, 27)), (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2028, 2, 29), date(2029, 2, 27)),
    ]  # fmt: skip


def test_every_term_starts_the_day_after_the_one_it_renews(at):
    at(2026, 11, 5, 9)
    term = make_life()
    pay(issue(term))
    following = next_of(term)
    assert following.renews_id == term.id
    assert following.start_on - term.end_on == timedelta(days=1)


def test_seats_that_were_bought_go_on_with_the_next_term_and_are_charged(at):
    at(2026, 8, 17, 9)
    term = make_life(headcount=40)
    firm = term.membership.organization
    pay(dues.order_seats(term, 3, dues.price_of_seats(term, 3)))
    for _ in range(6):
        make_contact(firm)
    assert members.seats_now(firm.id).words == "8 of 8 seats taken"
    at(2026, 11, 5, 9)
    invoice = issue(term)
    assert [(line.income, line.net_minor) for line in invoice.lines] == [
        ("dues", 181600), ("seats", 28500),
    ]  # fmt: skip
    pay(invoice)
    assert next_of(term).price_snapshot["seats"] == {"included": 5, "extra": 3}
    at(2027, 1, 15, 9)
    assert members.seats_now(firm.id).words == "8 of 8 seats taken"


def test_seats_ordered_after_the_invoice_went_out_are_not_given_with_the_next_term(at):
    at(2026, 11, 5, 9)
    term = make_life(headcount=40)
    invoice = issue(term)
    pay(dues.order_seats(term, 3, dues.price_of_seats(term, 3)))
    pay(invoice)
    assert members.size_of(term) == 8
    assert next_of(term).price_snapshot["seats"] == {"included": 5, "extra": 0}


def test_a_firm_that_comes_back_is_charged_the_seats_that_it_gets(at):
    at(2026, 8, 17, 9)
    term = make_life(headcount=40)
    pay(dues.order_seats(term, 3, dues.price_of_seats(term, 3)))
    at(2027, 3, 1, 9)
    invoice = actions.come_back(term)
    db.session.commit()
    assert "seats" in [line.income for line in invoice.lines]
    pay(invoice)
    assert next_of(term).price_snapshot["seats"] == {"included": 5, "extra": 3}
