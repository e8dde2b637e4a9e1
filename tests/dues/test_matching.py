"""Which invoice a bank line pays: the fixed order, and never more than the rules say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import Money
from portal.dues.matching import Came, Claim, Ground, likeness, numbers_in, propose
from portal.dues.references import in_fours, number, rf_reference

TH1, TH2 = "TH-2026-000001", "TH-2026-000002"


def claim(n=1, owed=10000, payer="Kapok Voice Ltd", firm=7, currency="EUR"):
    return Claim(n, f"TH-2026-{n:06}", payer, firm, currency, owed, date(2026, 11, n))


def came(minor=10000, name="", numbers=(), holders=()):
    return Came(Money(minor, "EUR"), name, numbers, holders)


@pytest.mark.parametrize(
    "text",
    [
        TH1, "invoice th-2026-000001, thanks", "TH2026000001", "TH 2026 000001 15 JAN",
        rf_reference(TH1), in_fours(rf_reference(TH1)), f"PAYMENT{rf_reference(TH1)}",
        "TH-2026-0000\n01", "RE:TH-2026-000001/EUR100", "T H-2026-000001",
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_spaced(text):
    assert numbers_in(text, ["TH", "INV"]) == [TH1]


@pytest.mark.parametrize(
    "text",
    ["", "TH-2026-0000012", "TH-2026-00001", "XX-2026-000001", "2026-000001", "TH-20a6-000001",
     rf_reference(TH1).replace("RF", "RF9")[:2] + "00" + rf_reference(TH1)[4:]],
)  # fmt: skip
def test_what_is_no_number_of_ours_is_none(text):
    assert numbers_in(text, ["TH"]) == []


def test_a_reference_with_a_wrong_figure_names_no_invoice():
    right = rf_reference(TH1)
    wrong = right[:-1] + "2"
    assert numbers_in(f"{right} {wrong}", ["TH"]) == [TH1]


@given(st.lists(st.integers(1, 999_999), max_size=4, unique=True), st.text("abc ,.-", max_size=5))
def test_every_number_in_a_text_is_found_once(sequences, between):
    said = [number("TH", 2026, one) for one in sequences]
    text = f" {between} ".join(rf_reference(one) for one in said * 2)
    assert numbers_in(text, ["TH"]) == said


def test_a_reference_with_the_exact_amount_is_certain():
    found = propose(came(numbers=[TH1]), [claim(1), claim(2)])
    assert (found.ground, found.confidence, found.shares) == (
        Ground.REFERENCE, 100, ((1, 10000),)
    )  # fmt: skip
    both = propose(came(20000, numbers=[TH1, TH2]), [claim(1), claim(2)])
    assert (both.ground, both.shares) == (Ground.REFERENCE, ((1, 10000), (2, 10000)))


@pytest.mark.parametrize(
    ("minor", "shares", "words"),
    [
        (4000, ((1, 4000),), "60.00 would still be owed"),
        (12500, ((1, 10000),), "25.00 more than is owed"),
    ],
)
def test_a_reference_with_another_amount_is_a_part_or_too_much(minor, shares, words):
    found = propose(came(minor, numbers=[TH1]), [claim(1)])
    assert (found.ground, found.confidence, found.shares) == (Ground.OTHER_AMOUNT, 80, shares)
    assert words in found.why


def test_a_reference_to_what_is_paid_would_be_credit():
    found = propose(came(numbers=[TH1]), [claim(1, owed=0)])
    assert (found.ground, found.shares) == (Ground.OTHER_AMOUNT, ())
    assert "nothing is owed" in found.why


def test_a_part_for_two_invoices_pays_the_older_first():
    found = propose(came(15000, numbers=[TH2, TH1]), [claim(1), claim(2)])
    assert found.shares == ((1, 10000), (2, 5000))


def test_a_known_holder_with_one_invoice_of_the_amount_is_likely():
    found = propose(came(name="Other name", holders={7}), [claim(1), claim(2, 500)])
    assert (found.ground, found.confidence, found.shares) == (
        Ground.KNOWN_HOLDER, 75, ((1, 10000),)
    )  # fmt: skip
    assert propose(came(holders={7}), [claim(1), claim(2)]).ground is None, "two of that amount"
    assert propose(came(holders={7, 8}), [claim(1)]).ground is None, "paid for two firms"
    assert propose(came(holders={8}), [claim(1)]).ground is None


def test_the_amount_and_a_name_that_reads_alike_is_possible():
    found = propose(came(name="KAPOK VOICE"), [claim(1), claim(2, payer="Rowan Contact")])
    assert (found.ground, found.shares) == (Ground.NAME, ((1, 10000),))
    assert 30 < found.confidence <= 60
    assert propose(came(9999, name="KAPOK VOICE"), [claim(1)]).ground is None, "another amount"
    assert propose(came(name="Rowan"), [claim(1)]).ground is None, "another name"


def test_two_payers_equally_alike_are_nobody_and_one_payer_twice_is_the_older_invoice():
    alike = [claim(1, payer="Kapok Voice North"), claim(2, payer="Kapok Voice South")]
    assert propose(came(name="Kapok Voice"), alike).ground is None
    assert propose(came(name="Kapok Voice"), [claim(2), claim(1)]).shares == ((1, 10000),)


def test_another_currency_never_matches():
    claims = [claim(1, currency="USD")]
    assert propose(came(numbers=[TH1], name="Kapok Voice Ltd", holders={7}), claims).ground is None


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("KAPOK VOICE LTD.", "Kapok Voice", True), ("Voice Kapok", "Kapok Voice Inc", True),
        ("Société Générale", "SOCIETE GENERALE SA", True), ("Kapok Voise", "Kapok Voice", True),
        ("Narra", "Narra Contact Services", True), ("", "Kapok", False), ("Ltd", "Ltd", True),
        ("Marula Contact", "Kapok Voice", False), ("ab", "ab cd ef gh", False),
    ],
)  # fmt: skip
def test_names_are_alike_as_people_say(one, other, is_alike):
    assert (likeness(one, other) >= 62) is is_alike
    assert likeness(one, other) == likeness(other, one) or not is_alike


@given(
    st.integers(1, 30000),
    st.lists(st.tuples(st.integers(1, 28), st.integers(0, 20000)), unique_by=lambda one: one[0]),
    st.sets(st.integers(1, 28)), st.sets(st.sampled_from([7, 8])), st.sampled_from(["", "Kapok"]),
)  # fmt: skip
def test_no_proposal_is_more_than_came_or_than_is_owed(minor, rows, named, holders, name):
    claims = [claim(n, owed, firm=7 + n % 2) for n, owed in rows]
    numbers = [f"TH-2026-{n:06}" for n in named]
    found = propose(came(minor, name, numbers, holders), claims)
    owed = {one.id: one.owed for one in claims}
    assert sum(part for _, part in found.shares) <= minor
    assert all(0 < part <= owed[invoice_id] for invoice_id, part in found.shares)
    assert 0 <= found.confidence <= 100
    assert found.why
    assert bool(found.confidence) is bool(found.ground)
