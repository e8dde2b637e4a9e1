"""The golden figures of the domain, by their names, that no other test of dues holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import Money, spread
from portal.dues import queries
from portal.dues.caps import NoCap, cap_of
from portal.dues.instalments import instalments, interest
from portal.dues.lobbying import shortfall
from portal.dues.periods import NotQuotable
from portal.dues.pricing import quote, quote_file
from portal.members.renewing import Return, comeback, leaves_on, next_term, window
from portal.members.terms import TermDates, TermState, add_months, state_on
from tests.dues.books import FEE, KSF, book, case, flat, make_tariff

TRIAL = {"kind": "trial", "classes": "*", "months": 6, "amount": 49500}
HEADS = {
    "kind": "per_unit", "classes": "*", "metric": "heads", "price": 600000, "at_most": 6,
}  # fmt: skip
PER_SEAT = {
    "kind": "per_unit", "classes": "*", "metric": "seats", "price": 1200, "min": 60000,
    "max": 362700,
}  # fmt: skip
TIERS = [[1, 5, 9500], [6, 15, 8000], [16, None, 6500]]


def net(a_book, a_case):
    return quote(a_book, a_case).net


@pytest.mark.parametrize(("heads", "amount"), [(4, 2400000), (6, 3600000)])
def test_G9_a_price_for_each_head(heads, amount):
    assert net(book(HEADS, currency="PHP"), case(metrics={"heads": heads})) == amount


def test_G9_a_seventh_head_is_refused_and_never_clipped():
    seven = {"tariff": book(HEADS, currency="PHP"), "cases": [case(metrics={"heads": 7})]}
    answer = quote_file(seven)["cases"][0]
    assert answer["code"] == "seat_limit"
    assert "At most 6" in answer["not_quotable"]


@pytest.mark.parametrize(("seats", "amount"), [(30, 60000), (120, 144000), (400, 362700)])
def test_G10_a_price_for_each_seat_with_a_least_and_a_most(seats, amount):
    found = quote(book(PER_SEAT), case(metrics={"seats": seats}))
    assert found.net == amount
    assert ("raised" in found.lines[0].formula) is (seats == 30)
    assert ("lowered" in found.lines[0].formula) is (seats == 400)


def test_G11_two_firms_of_a_group_each_or_together():
    each = [net(book(group={"kind": "each_entity"}), case(fte)) for fte in (40, 30)]
    assert each == [181600, 181600]
    together = book(group={"kind": "aggregate"})
    assert net(together, case(70)) == 241800
    assert net(together, case(30, is_affiliate=True)) == 0


def test_G12_an_affiliate_pays_a_share():
    shared = book(group={"kind": "affiliate_share", "percent": "25"})
    parent, affiliate = net(shared, case(60)), net(shared, case(25, is_affiliate=True))
    assert (parent, affiliate, parent + affiliate) == (241800, 30225, 272025)


CUSTOMMERCE = {
    "currency": "INR", "period": {"kind": "fixed", "start": "04-01"}, "proration": "schedule",
    "first_payment_periods": 2,
    "schedule": {str(m): {1: "0", 2: "0", 3: "0", 10: "1/2", 11: "1/2", 12: "1/2"}.get(m, "1")
                 for m in range(1, 13)},
}  # fmt: skip


@pytest.mark.parametrize(
    ("joined_on", "amount"),
    [("2026-06-10", 20_000_000), ("2026-10-15", 15_000_000), ("2027-01-20", 10_000_000)],
)
def test_G21_a_first_payment_for_two_years(joined_on, amount):
    found = quote(book(flat(10_000_000), **CUSTOMMERCE), case(joined_on=joined_on))
    assert found.net == amount
    assert found.ends_on == date(2028, 3, 31)
    renewed = case(joined_on="2028-04-01", renews=True)
    assert net(book(flat(10_000_000), **CUSTOMMERCE), renewed) == 10_000_000


def with_trial(**facts):
    return book(*book()["rules"], TRIAL, proration="months", **facts)


def test_G22_a_trial_and_what_it_becomes():
    trial = quote(with_trial(), case(60, joined_on="2026-04-01", trial=True))
    assert (trial.net, trial.ends_on) == (49500, date(2026, 9, 30))
    then = case(60, joined_on="2026-10-01", trial_from="2026-04-01")
    assert net(with_trial(), then) == 60450


def test_G23_a_trial_that_converts_early_has_its_unused_days_taken_off():
    early = quote(with_trial(), case(60, joined_on="2026-07-01", trial_from="2026-04-01"))
    assert [line.net for line in early.lines] == [120900, -24885]
    assert early.total == 96015


def test_G24_a_trial_from_the_last_of_august():
    trial = quote(with_trial(), case(60, joined_on="2026-08-31", trial=True))
    assert trial.ends_on == date(2027, 2, 27)
    then = case(60, joined_on="2027-02-28", trial_from="2026-08-31")
    assert net(with_trial(), then) == 221650


def test_G32_extra_seats_in_tiers():
    rule = {"kind": "seats", "classes": "*", "included": 5, "tiers": TIERS}
    found = quote(book(flat(0), rule), case(seats=23))
    assert found.lines[1].net == 147000


def test_G37_instalments_are_counted_from_the_first_day():
    days = [on for on, _ in instalments(Money(400, "EUR"), date(2028, 1, 31), 4)]
    assert days == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30)]


def test_G39_an_early_renewal_loses_no_day():
    found = next_term(date(2026, 3, 15), 12, date(2027, 3, 14))
    assert found == (date(2027, 3, 15), date(2028, 3, 14))


def test_G40_invoice_before_the_next_start_and_last_notice_before_the_end():
    found = window(date(2027, 1, 14), invoice_days=60, notice_days=30)
    assert (found.invoice_on, found.notice_until_on) == (date(2026, 11, 16), date(2026, 12, 15))


@pytest.mark.parametrize(
    ("told_on", "last"),
    [(date(2026, 8, 31), date(2026, 12, 31)), (date(2026, 9, 1), date(2027, 12, 31))],
)
def test_G41_notice_before_september(told_on, last):
    assert leaves_on(told_on, date(2026, 12, 31), "09-01") == last


def test_G58_nobody_leaves_in_the_year_of_joining():
    told, joined = date(2026, 6, 1), date(2026, 3, 10)
    assert leaves_on(told, date(2026, 12, 31), "09-01", joined) == date(2027, 12, 31)


GROUPS = [1_200_000, *[362_700] * 4, *[302_500] * 3, *[241_800] * 4, *[181_600] * 4,
          *[120_900] * 3, 52_300]  # fmt: skip


def test_G43_one_group_is_clipped_to_a_tenth_of_what_all_pay():
    assert sum(GROUPS) == 5_666_900
    found = cap_of(GROUPS, 1, 10)
    assert (found.minor, found.total, found.gap, found.clipped) == (496322, 4963222, 703678, 1)
    assert found.minor * 10 <= found.total


def test_a_cap_that_makes_others_exceed_it_clips_them_too():
    fees = [900_000, 600_000, *[362_700] * 2, *[302_500] * 2, *[241_800] * 2, *[181_600] * 2,
            *[120_900] * 2, 52_300]  # fmt: skip
    found = cap_of(fees, 1, 10)
    assert (found.minor, found.clipped, found.total, found.gap) == (285225, 6, 2852250, 1119050)


def test_too_few_groups_have_no_cap_and_are_told_the_smallest_that_works():
    with pytest.raises(NoCap, match="1/9"):
        cap_of([100] * 9, 1, 10)


@given(st.lists(st.integers(0, 10**9), min_size=11, max_size=40))
def test_nobody_is_above_the_share_after_rounding(fees):
    try:
        found = cap_of(fees, 1, 10)
    except NoCap:
        assert sum(fee > 0 for fee in fees) < 11
        return
    assert all(fee * 10 <= found.total for fee in found.fees if found.clipped)
    assert found.total + found.gap == sum(fees)


def test_G44_the_cap_is_taken_before_the_part():
    million = book(flat(1_200_000))
    assert net(million, case(joined_on="2026-08-17", cap=496322)) == 186291


@pytest.mark.parametrize(("joined_on", "share"), [("2026-01-01", 43524), ("2026-08-17", 16336)])
def test_G48_the_lobbying_share_is_told(joined_on, share):
    told = book(*book()["rules"], FEE, lobbying_percent="18")
    assert quote(told, case(60, joined_on=joined_on)).lobbying == share


def test_G49_a_proxy_tax_or_more_next_year():
    found = shortfall(18_000_000, 21_250_000, 21)
    assert (found.tax, found.carried_over) == (682500, 3250000)
    assert shortfall(21_250_000, 18_000_000, 21).tax == 0


def test_G53_a_part_payment_over_lines():
    assert spread(100000, [181600, 25000, 43386]) == [72644, 10001, 17355]


def test_G54_simple_interest():
    assert interest(Money(219736, "EUR"), 8, 45) == Money(2167, "EUR")


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2025, 12, 31), "scheduled"), (date(2026, 1, 1), "in_force"),
        (date(2026, 12, 31), "in_force"), (date(2027, 1, 1), "grace"),
        (date(2027, 1, 30), "grace"), (date(2027, 1, 31), "lapsed"),
    ],
)  # fmt: skip
def test_G59_the_days_of_a_term(day, state):
    term = TermDates(date(2026, 1, 1), date(2026, 12, 31), grace_days=30)
    assert state_on(term, day) is TermState(state)


def test_G60_coming_back_by_paying_the_gap_or_from_today():
    end, paid = date(2026, 12, 31), date(2027, 5, 10)
    back = comeback(end, paid, 12, 180, Return.BACKDATE, fixed=True)
    assert (back.start_on, back.end_on) == (date(2027, 1, 1), date(2027, 12, 31))
    assert net(book(), case(50, joined_on=back.start_on, renews=True)) == 181600
    anew = comeback(end, paid, 12, 180, Return.RESTART, fixed=True)
    assert (anew.start_on, anew.end_on) == (date(2027, 5, 10), date(2027, 12, 31))
    again = {"kind": "reinstatement_fee", "classes": "*", "amount": 5000}
    found = quote(
        book(*book()["rules"], again),
        case(50, joined_on=anew.start_on, renews=True, reinstates=True),
    )
    assert [line.net for line in found.lines] == [117418, 5000]
    assert found.total == 122418


def test_G61_long_after_the_end_a_firm_joins_anew():
    found = comeback(date(2025, 3, 14), date(2026, 11, 22), 12, 180, Return.BACKDATE, fixed=False)
    assert found.how is Return.REJOIN
    assert (found.start_on, found.end_on) == (date(2026, 11, 22), date(2027, 11, 21))
    rolling = book(*book()["rules"], FEE, period={"kind": "anniversary", "months": 12})
    assert [line.income for line in quote(rolling, case(60, joined_on=found.start_on)).lines] == [
        "dues", "entry",
    ]  # fmt: skip


def test_coming_back_counts_the_months_from_the_anchor_and_never_from_the_one_before():
    anchor = date(2027, 1, 31)
    for paid, last in [((2027, 3, 5), (2027, 3, 30)), ((2027, 4, 2), (2027, 4, 29))]:
        found = comeback(
            date(2027, 2, 27), date(*paid), 1, 180, Return.BACKDATE, fixed=False, anchor=anchor
        )
        assert (found.start_on, found.end_on) == (date(2027, 2, 28), date(*last))
    leap = comeback(
        date(2027, 2, 27), date(2027, 5, 1), 12, 180, Return.RESTART, fixed=False,
        anchor=date(2024, 2, 29),
    )  # fmt: skip
    assert leap.end_on == date(2028, 2, 28)


def test_G62_the_tariff_is_that_of_the_first_day_of_the_term():
    make_tariff(code="2026", effective_from=date(2026, 1, 1))
    make_tariff(code="2027", effective_from=date(2027, 1, 1))
    assert queries.current_tariff(date(2027, 1, 1)).code == "2027"
    assert queries.current_tariff(date(2026, 12, 15)).code == "2026"


# The kinds without a golden figure, by hand.


def test_a_base_with_units_above_it():
    rule = {"kind": "base_plus", "classes": "*", "metric": "fte", "base": 50000, "included": 10,
            "price": 1500}  # fmt: skip
    assert net(book(rule), case(metrics={"fte": 8})) == 50000
    assert net(book(rule), case(metrics={"fte": "12.5"})) == 53750


@pytest.mark.parametrize(("kind", "amount"), [("graduated", 119500), ("volume", 117000)])
def test_tiers_each_at_its_own_price_or_all_at_the_one_reached(kind, amount):
    tiers = TIERS if kind == "graduated" else [[0, 15, 8000], [16, None, 6500]]
    rule = {"kind": kind, "classes": "*", "metric": "fte", "tiers": tiers}
    units = 14 if kind == "graduated" else 18
    assert net(book(rule), case(metrics={"fte": units})) == amount


def test_discounts_are_never_stacked_and_end_on_their_day():
    sme = {"kind": "discount", "classes": "*", "percent": "10", "if": "sme", "text": "SME"}
    early = {"kind": "discount", "classes": "*", "amount": 20000, "until": "2026-01-31"}
    priced = book(*book()["rules"], sme, early, proration="none")
    assert net(priced, case(60, facts=["sme"])) == 241800 - 24180
    assert net(priced, case(60)) == 241800 - 20000
    assert net(priced, case(60, joined_on="2026-02-01")) == 241800
    found = quote(priced, case(60, facts=["sme"], joined_on="2026-02-01"))
    assert "less EUR\xa0241.80, SME" in found.lines[0].formula


def test_a_discount_is_stacked_only_where_the_tariff_states_it():
    sme = {"kind": "discount", "classes": "*", "percent": "10", "if": "sme", "text": "SME"}
    small = {"kind": "discount", "classes": "*", "amount": 9900}
    ngo = {"kind": "discount", "classes": "*", "percent": "5", "if": "ngo", "is_on_top": True,
           "text": "NGO", "decision": "GM 2026-04"}  # fmt: skip
    priced = book(*book()["rules"], ngo, sme, small, proration="none")
    assert net(priced, case(60, facts=["sme"])) == 241800 - 24180
    assert net(priced, case(60, facts=["ngo"])) == 220305  # (241800 - 9900) × 95 %
    found = quote(priced, case(60, facts=["sme", "ngo"]))
    assert found.net == 206739  # 241800 × 90 % × 95 %, and nothing of the smaller one
    assert "less EUR\xa0108.81, NGO, decision GM 2026-04" in found.lines[0].formula


def test_members_who_are_named_keep_their_old_price_until_its_day():
    kept = {"kind": "kept_price", "classes": "*", "amount": 90000, "if": "founders",
            "until": "2026-12-31"}  # fmt: skip
    priced = book(*book()["rules"], kept)
    assert net(priced, case(60, facts=["founders"])) == 90000
    assert net(priced, case(60)) == 241800
    late = quote(priced, case(60, facts=["founders"], joined_on="2026-08-17")).lines[0]
    assert (late.net, late.rule) == (33781, "kept_price")  # 90000 × 137/365 = 33780.82
    assert late.text == "Dues, price kept until 2026-12-31"
    assert net(priced, case(60, facts=["founders"], joined_on="2027-01-01")) == 241800


def test_chapters_levies_and_gifts_are_lines_of_their_own():
    fees = [
        {"kind": "chapter_fee", "classes": "*", "chapter": "ph", "amount": 10000,
         "is_prorated": True},
        {"kind": "levy", "classes": "*", "amount": 3000, "decision": "GM 2026-04"},
        {"kind": "donation", "classes": "*", "tax_percent": "0"},
    ]  # fmt: skip
    priced = book(*book()["rules"], *fees, tax_percent="21", proration="halves")
    asked = case(60, joined_on="2026-07-01", chapters=["ph"], donation=5000)
    found = quote(priced, asked)
    assert [(line.net, line.income) for line in found.lines] == [
        (120900, "dues"), (5000, "dues"), (3000, "other"), (5000, "gift"),
    ]  # fmt: skip
    assert found.tax == 27069, "21 % of 128900; the gift has a rate of its own"
    assert [line.tax for line in found.lines][-1] == 0
    assert "decision GM 2026-04" in found.lines[2].formula
    assert len(quote(priced, case(60)).lines) == 2, "no chapter and no gift was asked for"


def test_whoever_joins_after_the_cut_begins_to_count_next_month():
    late = book(flat(12000), proration="months", cut_in_day=15)
    assert net(late, case(joined_on="2026-06-15")) == 7000
    assert net(late, case(joined_on="2026-06-16")) == 6000
    assert net(late, case(joined_on="2026-12-16")) == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"group": {"kind": "family"}}, "treats groups"),
        ({"proration": "schedule"}, "no part for month"),
        ({"proration": "moons"}, "prorates by"),
        ({"rules": [{"kind": "tribute", "classes": "*"}]}, "unknown rule"),
        ({"rules": [{"kind": "graduated", "classes": "*", "metric": "contact_centre_fte",
                     "tiers": [[1, 5, 100]]}]}, "no price for more than 5"),
        ({"rules": [flat(100), {"kind": "donation", "classes": "*"}]}, "gift"),
    ],
)  # fmt: skip
def test_what_a_tariff_does_not_say_is_never_guessed(change, sentence):
    with pytest.raises(NotQuotable) as why:
        quote(book(**change), case(60, donation=-5))
    assert sentence in str(why.value)


@given(
    units=st.decimals("0", "500", places=1), price=st.integers(0, 10**6),
    least=st.integers(0, 10**7), more=st.integers(0, 10**7),
)  # fmt: skip
def test_a_second_calculator_agrees_on_units_and_tiers(units, price, least, more):
    rule = {"kind": "per_unit", "classes": "*", "metric": "n", "price": price, "min": least,
            "max": least + more}  # fmt: skip
    tenths = int(units * 10)
    slow = (tenths * price * 2 + 10) // 20
    metrics = {"n": str(units)}
    assert net(book(rule), case(metrics=metrics)) == min(max(slow, least), least + more)
    tiers = {"kind": "graduated", "classes": "*", "metric": "n", "tiers": TIERS}
    each = [9500] * 50 + [8000] * 100 + [6500] * 4850
    slow = (sum(each[:tenths]) * 2 + 10) // 20
    assert net(book(tiers), case(metrics=metrics)) == slow


def test_the_bands_of_the_table_are_the_published_ones():
    assert [band[2] for band in KSF] == [120900, 181600, 241800, 302500, 362700]
    assert add_months(date(2026, 8, 31), 6) - timedelta(days=1) == date(2027, 2, 27)
