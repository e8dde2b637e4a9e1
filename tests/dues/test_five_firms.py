"""Five firms that share nothing, priced again by a calculator that shares no line with ours.

They differ in class, sites, group, currency, year, part of it and what changes inside their term.
"""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.dues.pricing import quote
from tests.dues.books import book, case, flat

DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))
PEOPLE = st.integers(1, 900)


def up(top, under):
    """Half up, in whole numbers."""
    return (2 * top + under) // (2 * under)


def days(first, last):
    found = 0
    while first <= last:
        first += timedelta(1)
        found += 1
    return found


def year_of(day, month=1):
    """First and last day of the year that begins with a month."""
    first = date(day.year - (day.month < month), month, 1)
    return first, date(first.year + 1, month, 1) - timedelta(1)


def agree(priced, asked, nets, percents):
    """`percents` has the tax of each line, in tenths of a per cent."""
    found = quote(priced, asked)
    assert [line.net for line in found.lines] == nets
    tax = 0
    for one in set(percents):
        net = sum(n for n, percent in zip(nets, percents, strict=True) if percent == one)
        tax += up(net * one, 1000)
    assert (found.net, found.tax, found.total) == (sum(nets), tax, sum(nets) + tax)
    assert sum(line.tax for line in found.lines) == tax


def changed(first, later, last, whole):
    """What a price that rises and falls adds after its first, each by the days left of `whole`."""
    highest, nets = first, []
    for on, price in later:
        if price > highest:
            nets.append(up((price - highest) * days(on, last), whole))
            highest = price
    return nets


# --- a centre with sites: bands, a calendar year by days, places in tiers, both grow

BANDS = [[1, 25, 120900], [26, 50, 181600], [51, 125, 241800], [126, 250, 302500]]
PLACES = {
    "kind": "seats", "classes": "*", "included": 2,
    "tiers": [[1, 5, 9500], [6, 15, 8000], [16, None, 6500]],
}  # fmt: skip
CENTRE = book(
    {"kind": "bands", "classes": ["provider_front"], "metric": "contact_centre_fte",
     "bands": [*BANDS, [251, None, 362700]]},
    {"kind": "joining_fee", "classes": "*", "amount": 25000, "tax_percent": "0"},
    PLACES, tax_percent="21",
)  # fmt: skip


def of_band(fte):
    for upper, price in ((25, 120900), (50, 181600), (125, 241800), (250, 302500)):
        if fte <= upper:
            return price
    return 362700


def of_places(seats):
    return sum(
        9500 if n <= 5 else 8000 if n <= 15 else 6500 for n in range(1, max(0, seats - 2) + 1)
    )


@given(
    sites=st.lists(st.integers(1, 120), min_size=1, max_size=6), seats=st.integers(0, 30),
    joined=DAYS, data=st.data(),
)  # fmt: skip
def test_a_centre_of_many_sites_that_grows_and_shrinks(sites, seats, joined, data):
    first, last = year_of(joined)
    one = st.tuples(st.dates(joined, last), PEOPLE, st.integers(0, 30))
    later = sorted(data.draw(st.lists(one, max_size=4, unique_by=lambda each: each[0])))
    changes = [
        {"on": str(on), "metrics": {"contact_centre_fte": fte}, "seats": places}
        for on, fte, places in later
    ]
    whole, left = days(first, last), days(joined, last)
    nets, percents = [up(of_band(sum(sites)) * left, whole), 25000], [210, 0]
    if extra := of_places(seats):
        nets.append(up(extra * left, whole))
    highest, places_paid = of_band(sum(sites)), of_places(seats)
    for on, fte, places in later:
        for price, paid in ((of_band(fte), highest), (of_places(places), places_paid)):
            nets += [up((price - paid) * days(on, last), whole)] if price > paid else []
        highest, places_paid = max(highest, of_band(fte)), max(places_paid, of_places(places))
    percents += [210] * (len(nets) - 2)
    asked = case(sum(sites), joined_on=str(joined), seats=seats, changes=changes)
    agree(CENTRE, asked, nets, percents)


# --- a technology firm: so much for each person, in yen, a year of its own, renewed

YEN = book(
    {"kind": "per_unit", "classes": ["technology"], "metric": "headcount", "rounding": "none",
     "price": 1200, "min": 60000, "max": 362700},
    {"kind": "joining_fee", "classes": "*", "amount": 30000},
    currency="JPY", period={"kind": "anniversary", "months": 12}, tax_percent="10",
)  # fmt: skip


@given(people=PEOPLE, first=st.dates(date(2024, 1, 1), date(2030, 1, 28)), data=st.data())
def test_a_technology_firm_renews_a_year_of_its_own_in_yen(people, first, data):
    first = first.replace(day=min(first.day, 28))
    last = first.replace(year=first.year + 1) - timedelta(1)
    one = st.tuples(st.dates(first, last), PEOPLE)
    later = sorted(data.draw(st.lists(one, max_size=3, unique_by=lambda each: each[0])))

    def price(count):
        return min(362700, max(60000, 1200 * count))

    priced = [(on, price(count)) for on, count in later]
    nets = [price(people), *changed(price(people), priced, last, days(first, last))]
    changes = [{"on": str(on), "metrics": {"headcount": count}} for on, count in later]
    asked = {"class": "technology", "metrics": {"headcount": people}, "joined_on": str(first),
             "renews": True, "anchor_on": str(first), "changes": changes}  # fmt: skip
    agree(YEN, asked, nets, [100] * len(nets))


# --- a recruiter: tiers, in dinars of three decimals, a year from April by months, a discount

DINARS = book(
    {"kind": "graduated", "classes": ["recruiter"], "metric": "headcount",
     "tiers": [[0, 10, 12345], [10, 100, 9001], [100, None, 500]]},
    {"kind": "discount", "classes": "*", "percent": "25", "if": "sme"},
    {"kind": "discount", "classes": "*", "amount": 40000, "if": "first_year"},
    {"kind": "chapter_fee", "classes": "*", "chapter": "north", "amount": 7001,
     "is_prorated": True},
    currency="KWD", period={"kind": "fixed", "start": "04-01"}, proration="months",
)  # fmt: skip


@given(people=PEOPLE, joined=DAYS, is_small=st.booleans(), is_new=st.booleans())
def test_a_recruiter_pays_by_tiers_and_gets_the_larger_discount(people, joined, is_small, is_new):
    full = sum(12345 if n <= 10 else 9001 if n <= 100 else 500 for n in range(1, people + 1))
    quarters = 4 * full - max(full if is_small else 0, 4 * min(full, 40000) if is_new else 0)
    left = (3 - joined.month) % 12 + 1
    facts = ["sme"] * is_small + ["first_year"] * is_new
    asked = {"class": "recruiter", "metrics": {"headcount": people}, "joined_on": str(joined),
             "facts": facts, "chapters": ["north"]}  # fmt: skip
    agree(DINARS, asked, [up(quarters * left, 4 * 12), up(7001 * left, 12)], [0, 0])


# --- a subsidiary: bands of revenue in rupees, a part of its parent's price, a cap, by quarters

CRORE = 10**7
RUPEES = book(
    {"kind": "bands", "classes": ["provider_back"], "metric": "revenue",
     "bands": [[0, 100 * CRORE, 7_500_000], [100 * CRORE, 1000 * CRORE, 75_000_000],
               [1000 * CRORE, None, 600_000_001]]},
    {"kind": "levy", "classes": "*", "amount": 99_999, "decision": "GM 7", "tax_percent": "5"},
    currency="INR", group={"kind": "affiliate_share", "percent": "37.5"}, proration="quarters",
    tax_percent="18",
)  # fmt: skip


@given(
    revenue=st.integers(1, 3000 * CRORE), joined=DAYS, is_affiliate=st.booleans(),
    cap=st.one_of(st.none(), st.integers(1_000_000, 300_000_000)),
)  # fmt: skip
def test_a_subsidiary_pays_a_part_and_no_more_than_the_cap(revenue, joined, is_affiliate, cap):
    full = 600_000_001
    if revenue <= 1000 * CRORE:
        full = 75_000_000
    if revenue <= 100 * CRORE:
        full = 7_500_000
    full = up(full * 375, 1000) if is_affiliate else full
    full = min(full, cap) if cap else full
    left = 4 - (joined.month - 1) // 3
    asked = {"class": "provider_back", "metrics": {"revenue": str(revenue)}, "cap": cap,
             "joined_on": str(joined), "is_affiliate": is_affiliate}  # fmt: skip
    agree(RUPEES, asked, [up(full * left, 4), 99_999], [180, 50])


# --- a start-up: a base that includes some seats, two years at once, by halves, and a gift

START = book(
    {"kind": "base_plus", "classes": ["startup"], "metric": "seats", "base": 30000, "included": 10,
     "price": 1255},
    flat(52300, "consultant"),
    {"kind": "donation", "classes": "*", "tax_percent": "0"},
    first_payment_periods=2, proration="halves", tax_percent="7.7",
)  # fmt: skip


@given(seats=st.integers(0, 200), joined=DAYS, gift=st.integers(1, 10**9))
def test_a_start_up_pays_two_years_at_once_and_gives(seats, joined, gift):
    full = 30000 + 1255 * max(0, seats - 10)
    halves = 2 - (joined.month - 1) // 6 + 2
    asked = {"class": "startup", "metrics": {"seats": seats}, "joined_on": str(joined),
             "donation": gift}  # fmt: skip
    agree(START, asked, [up(full * halves, 2), gift], [77, 0])
