"""The tax of an event's fee, by the adopted rules and what is known of who pays."""

from datetime import date

import pytest

from portal.association.queries import association
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.models import Invoice
from portal.dues.queries import ledger_faults, tax_by_month
from portal.events import actions
from portal.events.models import EventFormat
from portal.places.models import Level
from tests.dues.test_tax_rules import REVERSE, adopt, rule
from tests.events.making import FREE, STRANGER, form_of, make_event, people, registered
from tests.make import make_contact, make_firm, make_membership, make_person, make_place

RULES = [
    rule("exempt", "Exempt: a public body", customer="public_body", category="events"),
    rule("reverse_charge", REVERSE, place="listed", countries=["DE"], customer="business",
         tax_id="checked", category="events"),
    rule("standard", "VAT 21 %", "21", place="listed", countries=["DE"], category="events"),
    rule("reduced", "VAT 9 %", "9", place="home", category="events"),
    rule("outside", "Outside the scope", category="dues"),
]  # fmt: skip


@pytest.fixture
def rules(app, at):
    at(2026, 6, 1)
    return adopt(*RULES)


def ordered(country, *emails, tax_id="", kind="technology"):
    """A firm's order at EUR 250 for each person."""
    firm = make_firm(country=country, tax_id=tax_id)
    make_membership(firm, kind, start=date(2026, 1, 1), end=date(2026, 12, 31))
    return registered(make_event(), *emails, is_member=True, organization=firm)


def bought(country, *emails, **facts):
    """Its invoice."""
    return ordered(country, *emails, **facts).registrations[0].invoice


def said(invoice):
    (tax,) = {(line.tax_outcome, line.tax_percent, line.tax_text) for line in invoice.lines}
    return tax


def test_a_fee_has_the_tax_of_the_firm_that_pays_it(rules):
    invoice = bought(association().country, "ann@firm.example", "ben@firm.example")
    assert said(invoice) == ("reduced", "9", "VAT 9 %")
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (50000, 4500, 54500)
    assert invoice.tax_text == "VAT 9 %"
    assert said(bought("DE", "cy@firm.example")) == ("standard", "21", "VAT 21 %")
    body = bought("DE", "di@body.example", kind="public_body")
    assert said(body) == ("exempt", "0", "Exempt: a public body")


def test_a_tax_id_that_was_looked_up_makes_it_reverse_charge(rules):
    dues.check_tax_id("DE", "DE136695976", make_person("finance"), is_valid=True, note="VIES")
    invoice = bought("DE", "ann@firm.example", tax_id="DE 136 695 976")
    assert said(invoice) == ("reverse_charge", "0", REVERSE)
    assert (invoice.tax_minor, invoice.total_minor) == (0, 25000)


def test_where_no_rule_fits_and_where_no_country_is_known_nothing_is_guessed(rules):
    assert said(bought("PH", "ann@firm.example")) == ("", "0", "")
    stranger = registered(make_event(), "vi@visitor.example").registrations[0].invoice
    assert (said(stranger), stranger.tax_text) == (("", "0", ""), "No tax on events")


def test_without_adopted_rules_a_fee_is_as_it_was(at):
    at(2026, 6, 1)
    invoice = bought("DE", "ann@firm.example")
    assert (said(invoice), invoice.tax_text) == (("", "0", ""), "No tax on events")


BILLED = STRANGER | {"billing_address": "9 Quay", "country": "DE"}


@pytest.mark.parametrize(("firm_name", "words"), [("Quay Ltd", "VAT 21 %"), ("", "VAT 7 %")])
def test_a_stranger_pays_the_tax_of_the_country_told_as_a_firm_or_as_a_person(
    browser, at, firm_name, words
):
    at(2026, 6, 1)
    adopt(rule("reduced", "VAT 7 %", "7", customer="person", category="events"), *RULES)
    url = f"/events/{make_event().id}/register"
    assert "plus tax, where it is due in your country" in browser.get(url)
    browser.post(url, firm_name=firm_name, **BILLED, **people("vi@visitor.example"))
    invoice = db.session.query(Invoice).one()
    assert invoice.tax_text == words
    assert invoice.total_minor == 40000 * (121 if firm_name else 107) // 100


def test_who_signs_in_for_a_firm_reads_the_tax_before_the_order(browser, rules):
    firm = make_firm(country="DE")
    make_membership(firm, start=date(2026, 1, 1), end=date(2026, 12, 31))
    browser.sign_in(make_contact(firm))
    event = make_event()
    assert "the member price, plus VAT 21 %." in browser.get(f"/events/{event.id}/register")
    assert "250.00 plus VAT 21 %, because your firm is a member" in browser.get(
        f"/events/{event.id}"
    )
    free = make_event(**FREE)
    for page in (f"/events/{free.id}", f"/events/{free.id}/register"):
        assert "VAT" not in browser.get(page)


def met_in(code, **facts):
    """An event where people meet in a city of that country."""
    country = make_place(iso_3166_1=code)
    city = make_place(parent=country, level=Level.CIVIC)
    return make_event(place=city, **facts)


def fee(event, country, email="ann@firm.example", **facts):
    firm = make_firm(country=country, **facts)
    make_membership(firm, "technology", start=date(2026, 1, 1), end=date(2026, 12, 31))
    order = registered(event, email, is_member=True, organization=firm)
    return order.registrations[0].invoice


def test_admission_is_taxed_where_people_meet_whoever_pays(rules):
    home = met_in("NL")
    assert said(fee(home, "PH")) == ("reduced", "9", "VAT 9 %")
    assert said(fee(home, "DE", "ben@firm.example")) == ("reduced", "9", "VAT 9 %")
    assert said(fee(met_in("DE"), "NL")) == ("standard", "21", "VAT 21 %")
    assert said(fee(met_in("PH"), "DE")) == ("", "0", ""), "no rule for a fee there"
    hybrid = met_in("DE", format=EventFormat.HYBRID)
    assert said(fee(hybrid, "NL")) == ("standard", "21", "VAT 21 %")


def test_a_fee_online_is_taxed_in_the_country_of_who_pays(rules):
    online = met_in("NL", format=EventFormat.ONLINE)
    assert said(fee(online, "DE")) == ("standard", "21", "VAT 21 %")
    assert said(fee(online, "PH", "ben@firm.example")) == ("", "0", "")


def test_the_payers_own_tax_id_counts_where_people_meet_elsewhere(rules):
    dues.check_tax_id("PH", "PH7", make_person("finance"), is_valid=True, note="BIR")
    assert said(fee(met_in("DE"), "PH", tax_id="PH7")) == ("reverse_charge", "0", REVERSE)
    assert said(fee(met_in("DE"), "PH", tax_id="PH8")) == ("standard", "21", "VAT 21 %")


def test_a_stranger_reads_the_tax_of_the_place_before_the_order(browser, at):
    at(2026, 6, 1)
    adopt(*RULES)
    home, abroad = met_in("NL"), met_in("PH")
    assert "non-members, plus VAT 9 %." in browser.get(f"/events/{home.id}/register")
    assert "plus tax" not in browser.get(f"/events/{abroad.id}/register")
    browser.post(f"/events/{home.id}/register", **BILLED, **people("vi@visitor.example"))
    assert db.session.query(Invoice).one().tax_text == "VAT 9 %"


def test_where_firms_and_persons_differ_the_stranger_reads_that_it_depends(browser, at):
    at(2026, 6, 1)
    adopt(rule("reduced", "VAT 7 %", "7", customer="person", category="events"), *RULES)
    page = browser.get(f"/events/{met_in('NL').id}/register")
    assert "plus tax, as it is due where the event takes place" in page


@pytest.mark.parametrize(
    ("told", "is_asked"),
    [({}, True), ({"format": "online", "join_url": "https://join.example"}, False),
     ({"member_price": "0", "other_price": "0"}, False)],
)  # fmt: skip
def test_where_fees_are_taxed_a_paid_event_says_in_which_country_it_is(
    browser, rules, told, is_asked
):
    browser.sign_in(make_person("events"))
    path, asked = "/staff/events/new", "the fee is taxed where people meet"
    filled = form_of(**told)
    if is_asked:
        assert asked in browser.post(path, page=path, **filled, status=200).text
        filled["place"] = str(met_in("NL").place_id)
    browser.post(path, page=path, **filled, status=303)


def test_without_taxed_fees_no_country_is_asked(browser, at):
    at(2026, 6, 1)
    browser.sign_in(make_person("events"))
    browser.post("/staff/events/new", page="/staff/events/new", **form_of(), status=303)


def test_the_return_has_the_fees_and_a_cancelled_order_takes_their_tax_back(rules):
    order = ordered("DE", "ann@firm.example", "ben@firm.example")
    year = date(2026, 1, 1), date(2026, 12, 31)
    assert [(one.text, one.net, one.tax) for one in tax_by_month(*year)] == [
        ("VAT 21 %", 50000, 10500)
    ]
    actions.cancel_order(order)
    db.session.commit()
    assert [(one.net, one.tax) for one in tax_by_month(*year)] == [(0, 0)]
    assert not list(ledger_faults())
