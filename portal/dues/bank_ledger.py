"""Journals of what banks do with money beside moving it: they keep some, and they exchange it."""

from datetime import date

from portal.dues.ledger import Entry, post
from portal.dues.models import Account, BankLine, BankMatch, Payment


def post_bank_fee(match: BankMatch, minor: int, currency: str, on: date) -> None:
    """What the bank, or a provider through it, took for its work; the line is the voucher."""
    entries = [Entry(Account.FEES, minor), Entry(Account.BANK, -minor)]
    post(f"bank-fee:{match.id}", on, currency, None, entries)


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
