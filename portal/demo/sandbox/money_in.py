"""Charges and the movements on the balance that they and their reversals cause."""

from dataclasses import dataclass
from typing import Any

from portal.demo.sandbox.account import Account
from portal.demo.sandbox.cards import Card
from portal.demo.sandbox.conversion import convert
from portal.demo.sandbox.state import Thing, new_id

FEE_PER_THOUSAND, FEE_FIXED = 29, 30  # Stripe's usual card fee: 2.9 % and 30 minor units


WORDS = {"refund": "REFUND FOR CHARGE", "adjustment": "Chargeback", "payout": "STRIPE PAYOUT",
         "payout_failure": "Payout failure"}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    code: str
    decline_code: str
    message: str


def movement(account: Account, source: Thing, kind: str, amount: int, fee: int = 0) -> Thing:
    """Record one movement of the balance, in minor units; a dispute's is an "adjustment"."""
    details = [{"amount": fee, "application": None, "currency": source["currency"],
                "description": "Stripe processing fees", "type": "stripe_fee"}]  # fmt: skip
    return account.store.save({
        "id": new_id("txn_"), "object": "balance_transaction", "amount": amount,
        "available_on": account.now(), "balance_type": "payments", "created": account.now(),
        "currency": source["currency"], "exchange_rate": None,
        "description": WORDS.get(kind, source.get("description")),
        "fee": fee, "fee_details": details if fee else [], "net": amount - fee,
        "reporting_category": "dispute" if kind == "adjustment" else kind,
        "source": source["id"], "status": "available", "type": kind,
    })  # fmt: skip


def charge(account: Account, intent: Thing, card: Card, failure: Failure | None) -> Thing:
    """The charge of one try, kept also when it failed."""
    code, message = (failure.code, failure.message) if failure else (None, None)
    amount = intent["amount"]
    made: Thing = {
        "id": new_id("ch_"), "object": "charge", "amount": amount,
        "amount_captured": 0 if failure else amount, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None, "balance_transaction": None,
        "billing_details": {"address": None, "email": intent["receipt_email"], "name": None,
                            "phone": None},
        "calculated_statement_descriptor": account.name.upper()[:22],
        "captured": failure is None, "created": account.now(), "currency": intent["currency"],
        "customer": intent["customer"], "description": intent["description"], "disputed": False,
        "failure_balance_transaction": None, "failure_code": code, "failure_message": message,
        "fraud_details": {}, "livemode": False, "metadata": dict(intent["metadata"]),
        "on_behalf_of": None, "paid": failure is None, "payment_intent": intent["id"],
        "outcome": {"network_status": "declined_by_network" if failure else "approved_by_network",
                    "reason": code, "risk_level": "normal",
                    "seller_message": message or "Payment complete.",
                    "type": "issuer_declined" if failure else "authorized"},
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": "card", "card": {
            "brand": "visa", "last4": card.last4, "exp_month": 12, "exp_year": 2040,
            "country": card.country, "funding": "credit", "network": "visa"}},
        "receipt_email": intent["receipt_email"], "receipt_number": None, "receipt_url": None,
        "refunded": False, "review": None, "shipping": None, "source": None,
        "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "transfer_data": None, "transfer_group": None,
        "status": "failed" if failure else "succeeded",
    }  # fmt: skip
    if failure is None:
        made |= convert(intent, card)
        fee = amount * FEE_PER_THOUSAND // 1000 + FEE_FIXED
        made["balance_transaction"] = movement(account, made, "charge", amount, fee)["id"]
    return account.store.save(made)


def balance(account: Account) -> dict[str, Any]:
    totals: dict[str, int] = {}
    for row in account.store.all_of("balance_transaction"):
        totals[row["currency"]] = totals.get(row["currency"], 0) + row["net"]
    funds = [
        {"amount": net, "currency": currency, "source_types": {"card": net}}
        for currency, net in sorted(totals.items())
    ]
    return {"object": "balance", "available": funds, "pending": [], "livemode": False}
