"""Journals of bank lines beside payments: what the bank keeps or exchanges, what is income."""

from datetime import date

from portal.dues.ledger import Entry, is_posted, post, post_undone
from portal.dues.models import Account, BankIncome, BankLine, BankMatch, Payment


def post_bank_fee(match: BankMatch, minor: int, currency: str, on: date) -> None:
    """What the bank, or a provider through it, took for its work; the line is the voucher."""
    entries = [Entry(Account.FEES, minor), Entry(Account.BANK, -minor)]
    post(f"bank-fee:{match.id}", on, currency, None, entries)


def post_income(match: BankMatch, payment: Payment, income: BankIncome, on: date) -> None:
    """All of a payment becomes income, one journal for each line: it is nobody's credit."""
    post(
        f"bank-income:{match.id}", on, payment.currency, match.organization_id,
        [
            Entry(Account.UNALLOCATED, payment.amount_minor, payment_id=payment.id),
            Entry(
                Account.INCOME, -payment.amount_minor, income=income.value,
                payment_id=payment.id,
            ),
        ],
    )  # fmt: skip


def take_income_back(match: BankMatch, on: date) -> None:
    """What was income pays nothing again; where it never was, or twice, nothing happens."""
    undoing = f"bank-income-undone:{match.id}"
    if not is_posted(undoing):
        post_undone(f"bank-income:{match.id}", undoing, on)


def post_exchange(match: BankMatch, payment: Payment, line: BankLine, on: date) -> None:
    """What stands as received becomes what the bank credited; the account keeps both sides.

    The amounts are the rate. In one currency only the difference is left.
    """
    sides = [(payment.currency, -payment.amount_minor), (line.currency, line.minor)]
    if payment.currency == line.currency:
        sides = [(line.currency, line.minor - payment.amount_minor)]
    for currency, minor in sides:
        post(
            f"exchange:{match.id}", on, currency, payment.organization_id,
            [
                Entry(Account.BANK, minor, payment_id=payment.id),
                Entry(Account.EXCHANGE, -minor, payment_id=payment.id),
            ],
        )  # fmt: skip
