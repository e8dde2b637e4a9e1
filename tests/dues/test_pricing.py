from datetime import date

import pytest

from portal.core.money import Money
from portal.dues.periods import NotQuotable
from portal.dues.pricing import quote, quote_file
from portal.dues.references import in_fours, number, rf_reference
from tests.dues.books import FEE, SEATS, book, case, change, flat

COUNTS_ALL = {
    "kind": "bands", "classes": ["technology"], "metric": "headcount", "rounding": "none",
    "bands": [[1, 25, 120900], [26, 50, 181600], [51, 125, 241800], [126, 250, 302500],
              [251, None, 362700]],
}  # fmt: skip


def net(a_book, a_case):
    return quote(a_book, a_case).net


def refusal(a_book, a_case):
    with pytest.raises(NotQuotable) as why:
        quote(a_book, a_case)
    return str(why.value)


def test_G1_a_centre_counts_its_contact_centre_people_only():
    metrics = {"contact_centre_fte": 60, "headcount": 800}
    assert net(book(), case(metrics=metrics)) == 241800


def test_G2_a_supplier_counts_the_whole_organization():
    metrics = {"contact_centre_fte": 40, "headcount": 300}
    assert net(book(COUNTS_ALL), case(metrics=metrics, **{"class": "technology"})) == 362700


@pytest.mark.parametrize(
    ("fte", "amount"),
    [(25, 120900), (26, 181600), (50, 181600), (51, 241800), (125, 241800), (126, 302500),
     (250, 302500), (251, 362700)],
)  # fmt: skip
def test_G3_bands_are_closed_above(fte, amount):
    assert net(book(), case(fte)) == amount


@pytest.mark.parametrize(("fte", "amount"), [("25.4", 120900), (25.5, 181600)])
def test_G4_the_metric_is_rounded_before_the_lookup(fte, amount):
    assert net(book(), case(fte)) == amount


@pytest.mark.parametrize(
    ("rounding", "amount"), [("none", 181600), ("floor", 120900), ("ceil", 181600)]
)
def test_other_roundings_of_the_metric(rounding, amount):
    rule = COUNTS_ALL | {"rounding": rounding, "classes": "*"}
    assert net(book(rule), case(metrics={"headcount": "25.1"})) == amount


def test_G5_a_flat_class_is_asked_for_no_metric():
    assert net(book(flat(52300, "consultant")), case(**{"class": "consultant"})) == 52300


CRORE = 1_000_000_000  # paise
NASSCOM = {
    "kind": "bands", "classes": "*", "metric": "revenue",
    "bands": [
        [50 * CRORE, 500 * CRORE, None], [500 * CRORE, 1000 * CRORE, 75_000_000],
        [1000 * CRORE, 2000 * CRORE, 125_000_000], [2000 * CRORE, 5000 * CRORE, 250_000_000],
        [5000 * CRORE, 10_000 * CRORE, 400_000_000], [10_000 * CRORE, None, 600_000_000],
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("revenue", "amount"),
    [(742 * CRORE, 75_000_000), (1000 * CRORE, 75_000_000), (1000 * CRORE + 1, 125_000_000),
     (10_000 * CRORE, 400_000_000), (10_000 * CRORE + 1, 600_000_000)],
)  # fmt: skip
def test_G6_G7_over_opens_the_next_band(revenue, amount):
    assert net(book(NASSCOM, currency="INR"), case(metrics={"revenue": revenue})) == amount


def test_G8_a_price_nobody_decided_is_never_guessed():
    unknown = case(metrics={"revenue": 120 * CRORE})
    assert "not decided" in refusal(book(NASSCOM, currency="INR"), unknown)
    below = case(metrics={"revenue": 1})
    assert "no band" in refusal(book(NASSCOM, currency="INR"), below)


def test_G13_months_count_the_joining_month():
    assert net(book(flat(12000), proration="months"), case(joined_on="2026-06-10")) == 7000


@pytest.mark.parametrize(
    ("joined_on", "amount"),
    [("2026-08-17", 90758), ("2028-02-29", 202821), ("2027-02-28", 203377),
     ("2028-03-01", 202161), ("2027-03-01", 202715)],
)  # fmt: skip
def test_G14_G15_G16_G17_days_left_of_days_that_are_counted(joined_on, amount):
    assert net(book(), case(60, joined_on=joined_on)) == amount


@pytest.mark.parametrize("proration", ["none", "days", "months"])
@pytest.mark.parametrize("joined_on", ["2026-01-01", "2026-01-15", "2026-01-31"])
def test_a_first_payment_of_two_months_is_two_on_whatever_day_it_begins(proration, joined_on):
    monthly = {"kind": "anniversary", "months": 1}
    terms = {"period": monthly, "first_payment_periods": 2, "proration": proration}
    assert net(book(flat(1000), **terms), case(joined_on=joined_on)) == 2000


@pytest.mark.parametrize(
    ("price", "joined_on", "amount"),
    [
        (302500, "2026-07-01", 151250),
        (302500, "2026-09-30", 151250),
        (181600, "2026-04-01", 136200),
    ],
)
def test_G18_quarters_count_the_joining_one(price, joined_on, amount):
    assert net(book(flat(price), proration="quarters"), case(joined_on=joined_on)) == amount


def test_G19_twelfths_of_a_turnover_tier():
    rand = book(flat(1_500_000), proration="months", currency="ZAR")
    assert net(rand, case(joined_on="2026-08-20")) == 625_000


@pytest.mark.parametrize(
    ("joined_on", "amount", "ends_on"),
    [("2026-12-31", 110000, date(2027, 6, 30)), ("2027-01-01", 55000, date(2027, 6, 30)),
     ("2027-04-01", 110000, date(2028, 6, 30))],
)  # fmt: skip
def test_G20_halves_and_a_late_joiner_carried_into_the_next_year(joined_on, amount, ends_on):
    period = {"kind": "fixed", "start": "07-01", "carry_over_from": "04-01"}
    found = quote(
        book(flat(110000), period=period, proration="halves", currency="AUD"),
        case(joined_on=joined_on),
    )
    assert (found.net, found.ends_on) == (amount, ends_on)


def test_G25_the_joining_fee_is_never_prorated():
    found = quote(book(*book()["rules"], FEE), case(60, joined_on="2026-08-17"))
    assert [line.net for line in found.lines] == [90758, 25000]
    assert found.net == 115758
    assert found.lines[1].income == "entry"


def test_a_firm_that_renews_pays_no_joining_fee():
    assert net(book(*book()["rules"], FEE), case(60, renews=True)) == 241800


def test_G26_an_upgrade_adds_the_difference_for_the_days_that_are_left():
    found = quote(book(), case(50, changes=[change("2026-08-17", 60)]))
    assert [line.net for line in found.lines] == [181600, 22596]
    assert found.lines[1].covers_from == date(2026, 8, 17)


def anniversary(**facts):
    return book(period={"kind": "anniversary", "months": 12}, **facts)


def test_G27_an_upgrade_inside_a_rolling_term():
    late = case(25, joined_on="2026-03-15", changes=[change("2026-12-01", 130)])
    found = quote(anniversary(), late)
    assert found.lines[1].net == 51744
    assert (found.starts_on, found.ends_on) == (date(2026, 3, 15), date(2027, 3, 14))


def test_G28_a_term_of_366_days_that_no_leap_year_rule_would_find():
    leap = case(
        50, joined_on="2027-02-28", anchor_on="2024-02-29", changes=[change("2027-09-01", 60)]
    )
    found = quote(anniversary(), leap)
    assert found.ends_on == date(2028, 2, 28)
    assert found.lines[1].net == 29771


def test_G29_a_difference_is_rounded_once():
    assert quote(book(), case(50, changes=[change("2026-12-31", 60)])).lines[1].net == 165


def test_G30_a_downgrade_adds_nothing_and_waits_for_the_next_term():
    assert net(book(), case(60, changes=[change("2026-08-17", 50)])) == 241800
    assert net(book(), case(50, joined_on="2027-01-01", renews=True)) == 181600


def test_after_a_downgrade_only_what_exceeds_the_price_already_paid_is_added():
    up_again = [change("2026-03-01", 50), change("2026-08-17", 60)]
    assert net(book(), case(60, changes=up_again)) == 241800


def test_G31_seats_added_are_one_line():
    priced = book(*book()["rules"], SEATS)
    found = quote(priced, case(60, seats=5, changes=[change("2026-08-17", seats=8)]))
    assert [(line.net, line.income) for line in found.lines] == [
        (241800, "dues"),
        (10697, "seats"),
    ]


def test_G33_seats_given_back_are_not_credited():
    priced = book(*book()["rules"], SEATS)
    assert net(priced, case(60, seats=8, changes=[change("2026-08-17", seats=6)])) == 270300


def test_G34_a_ratio_is_never_rounded_first():
    assert net(book(), case(60, joined_on="2026-08-17")) != 91884


@pytest.mark.parametrize(
    ("price", "proration", "joined_on", "tax"),
    [(181600, "none", "2026-01-01", 38136), (241800, "months", "2026-10-01", 12695),
     (241800, "days", "2026-08-17", 19059)],
)  # fmt: skip
def test_G45_tax_is_rounded_half_up(price, proration, joined_on, tax):
    taxed = book(flat(price), proration=proration, tax_percent="21")
    assert quote(taxed, case(joined_on=joined_on)).tax == tax


def test_G46_tax_is_reckoned_once_and_the_lines_share_it():
    three = [flat(3335), flat(3335), flat(3335)]
    found = quote(book(*three, tax_percent="21"), case())
    assert found.tax == 2101
    assert [line.tax for line in found.lines] == [701, 700, 700]
    assert found.total == 12106


@pytest.mark.parametrize(
    ("currency", "price", "amount"), [("JPY", 120000, 45041), ("KWD", 365500, 137188)]
)
def test_G50_currencies_with_no_and_with_three_decimals(currency, price, amount):
    assert net(book(flat(price), currency=currency), case(joined_on="2026-08-17")) == amount


def test_G51_five_twelfths_of_a_dinar_price():
    found = book(flat(12345), currency="KWD", proration="months")
    assert net(found, case(joined_on="2026-08-01")) == 5144


def test_G52_instalments_carry_the_remainder_last():
    assert [one.minor for one in Money(181600, "EUR").split(3)] == [60533, 60533, 60534]
    assert {one.minor for one in Money(362700, "EUR").split(12)} == {30225}


def test_G57_references_carry_their_check_digits():
    assert rf_reference("2027000123") == "RF932027000123"
    assert rf_reference("2026000001") == "RF422026000001"
    assert in_fours("RF932027000123") == "RF93 2027 0001 23"


@pytest.mark.parametrize("text", ["TH-2026-000001", "LH-2031-999999"])
def test_a_reference_of_letters_leaves_one_modulo_97(text):
    found = rf_reference(text)
    digits = "".join(str(int(letter, 36)) for letter in found[4:] + found[:4])
    assert int(digits) % 97 == 1
    assert number("TH", 2026, 1) == "TH-2026-000001"


def test_the_answer_of_the_command_adds_up_and_speaks():
    tariff = book(*book()["rules"], FEE, SEATS, tax_percent="21")
    good = case(60, id="a", joined_on="2026-08-17", seats=8)
    cases = [good, case(id="b"), case(60, id="c", seats="x")]
    good, *bad = quote_file({"tariff": tariff, "cases": cases})["cases"]
    assert (good["id"], good["currency"]) == ("a", "EUR")
    assert good["net"] == sum(line["net"] for line in good["lines"])
    assert good["tax"] == sum(line["tax"] for line in good["lines"])
    first = good["lines"][0]
    assert (first["covers_from"], first["covers_to"]) == ("2026-08-17", "2026-12-31")
    assert first["formula"] == (
        "contact centre FTE 60: band 51 to 125; 137 of 365 days, 17 Aug 2026 to 31 Dec 2026: "
        "EUR\xa02,418.00 × 137/365 = EUR\xa0907.58"
    )
    assert [one["id"] for one in bad] == ["b", "c"]
    assert all(one["not_quotable"].endswith(".") for one in bad)


@pytest.mark.parametrize(
    ("a_book", "a_case", "words"),
    [
        (book(), case(), "is missing"),
        (book(), case("many"), "must be a number"),
        (book(), case(-1), "must be a number"),
        (book(), case(60, **{"class": "recruiter"}), "no price for recruiter"),
        (book(), case(60, joined_on="soon"), "must be a date"),
        (book(), case(60, joined_on="2019-12-31"), "before it"),
        (book(), case(60, changes=[change("2027-01-01", 90)]), "outside the term"),
        (book(proration="weeks"), case(60), "not known"),
        (book(period={}), case(60), "fixed or anniversary"),
        (book(period={"kind": "anniversary", "months": 37}), case(60), "1 to 36 months"),
        (book({"kind": "tombola", "classes": "*"}), case(60), "unknown rule"),
        (book(flat(12.5)), case(), "not decided"),
        (book(COUNTS_ALL | {"bands": [[1, 10, 5], [12, 20, 6]], "classes": "*"}),
         case(metrics={"headcount": 3}), "gap"),
        (book(COUNTS_ALL | {"bands": [[1, 10, 5], [9, 20, 6]], "classes": "*"}),
         case(metrics={"headcount": 3}), "overlap"),
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_said_in_words(a_book, a_case, words):
    assert words in refusal(a_book, a_case)
