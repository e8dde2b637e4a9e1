"""Tax by rate: on the paper, in the return, and in sums that are the invoice's own."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import documents
from portal.core.db import db
from portal.dues import actions, papers, queries
from portal.dues.actions import LineDraft
from portal.dues.models import CreditReason
from portal.dues.taxes import Taxed, by_rate
from tests.dues.books import make_invoice
from tests.make import make_firm

YEAR = date(2026, 1, 1), date(2026, 12, 31)


def mixed(language="en"):
    """Dues of 1,000.00 at 0 %, seats of 95.00 at 21 %."""
    lines = [
        LineDraft("bands", "Dues", 100_000, "dues"),
        LineDraft("seats", "A seat", 9_500, "seats", tax_percent="21"),
    ]
    return make_invoice(make_firm(language=language), lines=lines)


def returned():
    return [(one.text, one.net, one.tax) for one in queries.tax_by_month(*YEAR)]


def test_one_rate_is_called_as_the_invoice_calls_it():
    assert by_rate("Reverse charge", 0, {"0": 500}, is_mixed=False) == [Taxed(None, 500, 0)]
    assert by_rate("VAT 21 %", 105, {None: 500}, is_mixed=False) == [Taxed(None, 500, 105)]


def test_several_rates_are_told_apart_and_only_the_others_are_named():
    found = by_rate("VAT 21 %", 315, {"21": 1500, "0": 800}, is_mixed=True)
    assert found == [Taxed(None, 1500, 315), Taxed("0", 800, 0)]
    assert by_rate("Outside the scope", 21, {"21": 100, "0": 7}, is_mixed=True) == [
        Taxed("21", 100, 21), Taxed(None, 7, 0),
    ]  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["0", "6", "21", "7.7"]), st.integers(-9999, 9999), min_size=1
    ),
    st.integers(-9999, 9999),
)
def test_whatever_the_rates_their_sums_are_the_paper_s(nets, tax):
    found = by_rate("VAT 21 %", tax, nets, is_mixed=len(nets) > 1)
    assert sum(one.tax for one in found) == tax
    assert sum(one.net for one in found) == sum(nets.values())


def test_the_return_has_each_rate_of_an_invoice_for_itself(at):
    at(2026, 3, 2)
    mixed()
    assert returned() == [("Tax 21 %", 9_500, 1_995), ("VAT 0 %", 100_000, 0)]


def test_what_is_taken_back_leaves_the_rate_that_it_was_of(at):
    at(2026, 3, 2)
    invoice = mixed()
    actions.credit(invoice, "No seat", CreditReason.SEAT_CORRECTION, {invoice.lines[1].id: 9_500})
    assert returned() == [("Tax 21 %", 0, 0), ("VAT 0 %", 100_000, 0)]


def test_a_note_of_the_tax_alone_takes_tax_without_net(at):
    at(2026, 3, 2)
    invoice = make_invoice(total=10_000, tax_percent="21")
    actions.credit(invoice, "Reverse charge after all", CreditReason.TAX_CORRECTION, {})
    assert returned() == [("VAT 21 %", 10_000, 0)]


@pytest.mark.parametrize(
    ("language", "other"),
    [
        ("en", "Tax 21 %"), ("es", "Impuesto 21 %"), ("fr", "Taxe 21 %"),
        ("de", "Steuer 21 %"), ("pt", "Imposto 21 %"),
    ],
)  # fmt: skip
def test_the_paper_names_each_rate_with_its_tax(language, other):
    facts = papers.of_invoice(queries.bill(mixed(language))).facts
    first, second = facts["taxes"]
    assert (first[0], second[0]) == ("VAT 0 %", other)
    assert second[1] in {"19.95", "19,95"}
    assert documents.pdf("invoice", facts).startswith(b"%PDF-")


def test_a_mail_that_waited_since_papers_had_one_rate_still_gets_its_paper():
    facts = papers.of_invoice(queries.bill(mixed())).facts
    old = {k: v for k, v in facts.items() if k not in {"taxes", "qr"}}
    assert documents.pdf("invoice", old | {"tax": "19.95", "tax_text": "VAT"}).startswith(b"%PDF-")


def test_the_paper_has_the_code_for_banking_apps_while_euros_are_owed():
    invoice = make_invoice()
    facts = papers.of_invoice(queries.bill(invoice)).facts
    assert facts["qr"].splitlines()[-1] == invoice.reference
    assert facts["from"]["iban"].replace(" ", "") in facts["qr"]
    with_code = documents.pdf("invoice", facts)
    assert len(with_code) > len(documents.pdf("invoice", facts | {"qr": ""})) + 500
    dollars = make_invoice(currency="USD")
    assert papers.of_invoice(queries.bill(dollars)).facts["qr"] == ""
    actions.record_transfer(invoice, invoice.total, invoice.issued_on)
    db.session.commit()
    assert papers.of_invoice(queries.bill(invoice)).facts["qr"] == ""
