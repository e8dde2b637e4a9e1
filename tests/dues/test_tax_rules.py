"""Which tax a line has: by where the customer is, who it is, its tax id, the line and the day."""

from datetime import date

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions, papers, queries
from portal.dues.fees import INCOME as FEE_INCOME
from portal.dues.models import CreditReason, InvoiceKind, TaxTable
from portal.dues.pricing import quote
from portal.dues.queries import taxing
from portal.dues.queries.late import RULE as INTEREST
from portal.dues.tax_rules import CATEGORIES, Customer, customer_kind, tax_of, taxes_of
from portal.members.models import Decision, MembershipClass
from tests.dues.books import FEE, SEATS, book, case
from tests.dues.test_races import adopted_at_once
from tests.make import make_firm, make_membership, make_person, save

REVERSE = "Reverse charge: the customer accounts for the VAT"


def rule(outcome, text, percent=None, **facts):
    usual = {"place": "anywhere", "customer": "any", "tax_id": "any", "category": "any"}
    told = {"outcome": outcome, "text": text} | ({"percent": percent} if percent else {})
    return usual | told | facts


RULES = [
    rule("exempt", "Exempt: gifts are no payment", category="gift"),
    rule("standard", "VAT 21 %", "21", place="home"),
    rule("outside", "Outside the scope: public body", place="listed", countries=["DE"],
         customer="public_body"),
    rule("reverse_charge", REVERSE, place="listed", countries=["DE", "FR"], customer="business",
         tax_id="checked"),
    rule("standard", "VAT 21 %", "21", place="listed", countries=["DE", "FR"]),
    rule("outside", "Outside the scope of VAT"),
]  # fmt: skip
TABLES = [
    (date(2026, 1, 1), RULES),
    (date(2027, 1, 1), [rule("reduced", "VAT 9 %", "9", place="home"), *RULES]),
]
DAY = date(2026, 6, 1)


def outcome(country, kind="business", category="dues", on=DAY, *, checked=False):
    found = tax_of(TABLES, "NL", Customer(country, kind, checked), category, on)
    return found and (found.outcome, found.percent)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (outcome("NL"), ("standard", "21")), (outcome("NL", checked=True), ("standard", "21")),
        (outcome("DE", checked=True), ("reverse_charge", "0")),
        (outcome("DE"), ("standard", "21")),  # a tax id that nobody looked up changes nothing
        (outcome("FR", "person", checked=True), ("standard", "21")),
        (outcome("DE", "public_body"), ("outside", "0")),
        (outcome("FR", "public_body"), ("standard", "21")),
        (outcome("PH", checked=True), ("outside", "0")),
        (outcome("NL", category="gift"), ("exempt", "0")),
        (outcome("NL", on=date(2026, 12, 31)), ("standard", "21")),
        (outcome("NL", on=date(2027, 1, 1)), ("reduced", "9")),
        (outcome("NL", on=date(2025, 12, 31)), None),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_in_the_table_of_the_day_decides(asked, expected):
    assert asked == expected


def test_every_kind_of_line_that_a_firm_or_a_visitor_is_invoiced_has_its_own_rules():
    apart = set(CATEGORIES) - {"any"}
    assert apart == {"dues", "seats", *FEE_INCOME.values(), "events", INTEREST}
    only = [(date(2026, 1, 1), [rule("exempt", f"Of {one}", category=one) for one in apart])]
    found = taxes_of(only, "NL", Customer("PH", "business", False), DAY)
    assert {one: tax["text"] for one, tax in found.items()} == {one: f"Of {one}" for one in apart}


def test_nothing_is_assumed_where_no_rule_fits():
    only_home = [(date(2026, 1, 1), [rule("standard", "VAT 21 %", "21", place="home")])]
    assert tax_of(only_home, "NL", Customer("PH", "business", True), "dues", DAY) is None
    assert taxes_of([], "NL", Customer("NL", "business", True), DAY) == {}


def test_classes_are_firms_but_for_persons_and_public_bodies():
    kinds = {one: customer_kind(one.value) for one in MembershipClass}
    assert kinds.pop(MembershipClass.INDIVIDUAL) == "person"
    assert kinds.pop(MembershipClass.PUBLIC_BODY) == "public_body"
    assert set(kinds.values()) == {"business"}


def priced(country="NL", *, checked=False, **facts):
    customer = Customer(country, "business", checked)
    told = {"seats": 8, "donation": 5000} | facts
    gift = {"kind": "donation", "classes": "*"}
    return quote(
        book(*book()["rules"], FEE, SEATS, gift, tax_percent="19"),
        case(60, **told, taxes=taxes_of(TABLES, "NL", customer, DAY)),
    )


def test_golden_45_and_46_hold_by_outcome_each_rate_is_reckoned_once():
    found = priced()
    assert {line.income: (line.tax_outcome, line.tax_percent) for line in found.lines} == {
        "dues": ("standard", "21"), "entry": ("standard", "21"), "seats": ("standard", "21"),
        "gift": ("exempt", "0"),
    }  # fmt: skip
    assert found.tax == (241800 + 25000 + 28500) * 21 // 100 == 62013
    assert sum(line.tax for line in found.lines) == found.tax
    assert found.tax_text == "VAT 21 %; Exempt: gifts are no payment"


def test_reverse_charge_takes_no_tax_and_says_why():
    found = priced("DE", checked=True, donation=0)
    assert (found.tax, found.tax_text, found.total) == (0, REVERSE, 295300)


def test_a_rate_of_the_tariff_s_own_replaces_a_rate_and_never_an_exemption():
    own = book({**book()["rules"][0], "tax_percent": "9"}, tax_percent="19")
    at_home, abroad = (
        quote(own, case(60, taxes=taxes_of(TABLES, "NL", Customer(where, "business", True), DAY)))
        for where in ("NL", "DE")
    )
    assert [(one.tax_percent, one.tax_outcome) for one in at_home.lines] == [("9", "")]
    assert [(one.tax_percent, one.tax_outcome) for one in abroad.lines] == [
        ("0", "reverse_charge")
    ]


def adopt(*rules, on=date(2026, 1, 1)):
    decision = Decision(body="board", decided_on=date(2025, 9, 1), title="Tax", text="So.")
    return save(TaxTable(effective_from=on, rules=list(rules or RULES), decision=decision))


def issue(found, firm=None):
    firm = firm or make_firm(country="DE", tax_id="DE 136 695 976")
    return actions.issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency="EUR", tax_percent="19",
        lines=actions.drafts_of(found), tax_text="VAT 19 %", due_on=date(2026, 7, 1),
        bill_to={"name": firm.name, "address": "", "country": "DE", "tax_id": firm.tax_id,
                 "email": "dues@firm.example"},
    )  # fmt: skip


def returned():
    found = queries.tax_by_month(date(2026, 1, 1), date(2026, 12, 31))
    return [(one.outcome, one.text, one.net, one.tax) for one in found]


def test_the_paper_says_the_words_and_both_tax_ids(at):
    at(2026, 6, 1)
    facts = papers.of_invoice(queries.bill(issue(priced("DE", checked=True, donation=0)))).facts
    assert facts["taxes"] == [(REVERSE, "0.00")]
    assert facts["to"]["tax_id"] == "DE 136 695 976"
    assert facts["from"]["tax_id"]


def test_the_return_tells_outcomes_apart_and_what_was_taken_back_leaves_its_own(at):
    at(2026, 6, 1)
    invoice = issue(priced())
    issue(priced("DE", checked=True, donation=0))
    assert returned() == [
        ("exempt", "Exempt: gifts are no payment", 5000, 0),
        ("reverse_charge", REVERSE, 295300, 0), ("standard", "VAT 21 %", 295300, 62013),
    ]  # fmt: skip
    seats = next(line for line in invoice.lines if line.income == "seats")
    actions.credit(invoice, "No seats", CreditReason.SEAT_CORRECTION, {seats.id: 28500})
    assert returned()[2] == ("standard", "VAT 21 %", 266800, 62013 - 5985)
    actions.credit(invoice, "Reverse charge after all", CreditReason.TAX_CORRECTION, {})
    assert returned()[2] == ("standard", "VAT 21 %", 266800, 0)


def test_a_tax_id_counts_once_it_was_looked_up_and_no_longer_when_the_register_denies_it(at):
    at(2026, 6, 1)
    adopt()

    def found():
        return queries.taxes_for("DE", "DE 136.695.976", MembershipClass.TECHNOLOGY)["dues"]

    assert found()["outcome"] == "standard"
    by = make_person("finance")
    actions.check_tax_id("DE", "de136695976", by, is_valid=True, note="VIES")
    assert found()["outcome"] == "reverse_charge"
    actions.check_tax_id("DE", "DE136695976", by, is_valid=False, note="VIES")
    assert found()["outcome"] == "standard"


def test_without_adopted_rules_a_case_has_no_taxes_of_its_own(at):
    at(2026, 6, 1)
    adopt(on=date(2026, 6, 2))
    assert queries.taxes_for("DE", "", MembershipClass.TECHNOLOGY) == {}


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 1)
    return browser.sign_in(make_person("finance"))


PAGE = "/staff/dues/taxes/adopt"
DECIDED = {
    "decision": "0", "body": "board", "decided_on": "2026-05-20", "title": "VAT", "text": "",
    "effective_from": "2026-07-01",
}  # fmt: skip


def row(n, **facts):
    usual = {"place": "home", "countries": "", "customer": "any", "tax_id": "any",
             "category": "any", "outcome": "", "percent": "", "text": ""}  # fmt: skip
    return {f"rules-{n}-{name}": value for name, value in (usual | facts).items()}


def filled(*rows):
    """The ten rows of the form: those that are given, and empty ones."""
    told = [*rows, *[{}] * (10 - len(rows))]
    return {name: value for n, one in enumerate(told) for name, value in row(n, **one).items()}


def test_the_treasurer_writes_the_rules_and_has_them_adopted(browser, finance, at):
    rows = filled(
        {"outcome": "standard", "percent": "21", "text": "VAT 21 %"},
        {"place": "listed", "countries": "de fr", "tax_id": "checked",
         "outcome": "reverse_charge", "text": REVERSE},
    )  # fmt: skip
    browser.post(PAGE, **DECIDED, **rows)
    (made,) = db.session.scalars(taxing.tax_tables())
    assert [one["outcome"] for one in made.rules] == ["standard", "reverse_charge"]
    assert made.rules[1]["countries"] == ["DE", "FR"]
    page = browser.get("/staff/dues/taxes")
    assert REVERSE in page
    assert "Later" in page
    at(2026, 7, 1)
    browser.sign_in(finance)
    tried = browser.get("/staff/dues/taxes?country=FR&kind=business&tax_id=checked")
    assert tried.count("Reverse charge") > page.count("Reverse charge")
    assert REVERSE in browser.get(PAGE)  # the next ones begin with these


@pytest.mark.parametrize(
    ("told", "day", "why"),
    [
        ({"outcome": "standard", "text": "VAT"}, "2026-07-01", "Enter the rate, like 21"),
        ({"outcome": "exempt"}, "2026-07-01", "Enter the words that the invoice says"),
        ({"outcome": "exempt", "text": "x", "place": "listed", "countries": "Germany"},
         "2026-07-01", "like DE, FR"),
        ({}, "2026-07-01", "Write one rule at least"),
        ({"outcome": "exempt", "text": "x"}, "2026-05-31", "begin today"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_read_or_would_change_the_past_are_refused(
    browser, finance, told, day, why
):
    answer = browser.post(PAGE, status=200, **(DECIDED | filled(told) | {"effective_from": day}))
    assert why in answer.text
    assert not db.session.scalars(taxing.tax_tables()).all()


def test_a_day_has_one_table_and_reverse_charge_needs_our_own_tax_id(finance):
    table = adopt(on=date(2026, 7, 1))
    with pytest.raises(Refused, match="begin on that day already"):
        actions.adopt_taxes(RULES, date(2026, 7, 1), table.decision)


def test_a_second_table_for_a_day_is_refused_at_the_day_and_the_first_one_holds(browser, finance):
    first = adopt(on=date(2026, 7, 1))
    told = {"outcome": "exempt", "text": "Another table"}
    sent = DECIDED | filled(told) | {"effective_from": "2026-07-01"}
    page = browser.post(PAGE, status=200, **sent).text
    assert "Other tax rules begin on that day already: choose another day." in page
    assert "Another table" in page, "what was typed is kept"
    assert [one.id for one in db.session.scalars(taxing.tax_tables())] == [first.id]
    browser.post(PAGE, **(sent | {"effective_from": "2026-07-02"}))
    days = [one.effective_from for one in db.session.scalars(taxing.tax_tables())]
    assert days == [date(2026, 7, 2), date(2026, 7, 1)]
    held = taxing.tables_in_effect([date(2026, 7, 1), date(2026, 7, 2)])
    assert [held[day][0][0] for day in sorted(held)] == sorted(days)


def test_of_two_who_adopt_tables_for_one_day_at_once_one_is_refused(app, finance):
    decision = adopt(on=date(2026, 7, 1)).decision_id

    day = date(2026, 8, 1)
    said = adopted_at_once(app, lambda held: actions.adopt_taxes(RULES, day, held), decision)
    taken = "Other tax rules begin on that day already: choose another day."
    assert said == ["", taken, taken, taken]


def test_what_a_register_said_is_kept_and_the_firm_no_longer_waits(browser, finance):
    firm = make_firm(name="Umbra", country="DE", tax_id="DE 136.695/976")
    make_membership(firm)
    assert "Umbra" in browser.get("/staff/dues/taxes")
    told = {"country": "DE", "tax_id": "DE 136.695/976", "answer": "valid", "note": "VIES"}
    browser.post("/staff/dues/taxes/tax-id?country=DE&tax_id=DE+136.695/976", **told)
    page = browser.get("/staff/dues/taxes")
    assert "Umbra" not in page
    assert "None waits" in page
