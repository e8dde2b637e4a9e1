"""Tariffs and invoices for the tests of dues."""

import hashlib
import hmac
import json
import time
from datetime import date, timedelta

from portal.core.db import db
from portal.dues import actions
from portal.dues.actions import LineDraft
from portal.dues.models import InvoiceKind, Tariff
from portal.members.models import Decision
from tests.make import business_day, make_firm, save

WEBHOOK_SECRET = "whsec_test"
KSF = [
    [1, 25, 120900], [26, 50, 181600], [51, 125, 241800], [126, 250, 302500], [251, None, 362700],
]  # fmt: skip

FEE = {"kind": "joining_fee", "classes": "*", "amount": 25000}
SEATS = {"kind": "seats", "classes": "*", "included": 5, "price": 9500}


def book(*rules, **facts):
    """A tariff as `portal quote` reads it: the KSF table unless rules are given."""
    table = {
        "kind": "bands", "classes": ["provider_front"], "metric": "contact_centre_fte",
        "rounding": "half_up", "bands": KSF,
    }  # fmt: skip
    defaults = {
        "code": "2026", "currency": "EUR", "effective_from": "2020-01-01",
        "period": {"kind": "fixed", "start": "01-01"}, "proration": "days", "tax_percent": "0",
        "rules": list(rules) or [table],
    }  # fmt: skip
    return defaults | facts


def flat(amount, *classes):
    return {"kind": "flat", "classes": list(classes) or "*", "amount": amount}


def case(fte=None, **facts):
    """A front-office provider with some full-time equivalents, from 1 January 2026."""
    metrics = {} if fte is None else {"contact_centre_fte": fte}
    defaults = {
        "id": "c",
        "class": "provider_front",
        "metrics": metrics,
        "joined_on": "2026-01-01",
    }
    return defaults | facts


def change(on, fte=None, **facts):
    return {"on": on, "metrics": {"contact_centre_fte": fte} if fte else {}, **facts}


def make_tariff(**facts):
    decision = Decision(body="board", decided_on=date(2025, 9, 1), title="Tariff", text="Adopted.")
    the_book = facts.pop("book", book())
    defaults = {
        "code": "2026", "currency": "EUR", "effective_from": date(2020, 1, 1),
        "decision": decision, "explanation": "Dues pay for the work.", "book": the_book,
    }  # fmt: skip
    return save(Tariff(**defaults | facts))


def make_invoice(firm=None, total=241800, due_in=30, tax_percent="0", **facts):
    """An issued invoice of one line; `firm=False` bills somebody without a firm."""
    firm = make_firm() if firm is None else firm or None
    lines = facts.pop("lines", None) or [
        LineDraft("bands", "Dues 2026", total, "dues", formula="60 FTE: band 51 to 125")
    ]
    bill_to = {
        "name": firm.name if firm else "Visitor", "address": "1 Road", "country": "PH",
        "tax_id": "", "email": facts.pop("email", "finance@test.example"),
    }  # fmt: skip
    defaults = {
        "kind": InvoiceKind.DUES, "organization": firm, "bill_to": bill_to, "currency": "EUR",
        "lines": lines, "tax_percent": tax_percent, "tax_text": f"VAT {tax_percent} %",
        "due_on": business_day() + timedelta(days=due_in),
    }  # fmt: skip
    invoice = actions.issue_invoice(**defaults | facts)
    db.session.commit()
    return invoice


def signed(body, at=None, secret=WEBHOOK_SECRET):
    """The header with which Stripe signs a message."""
    at = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def event(kind="checkout.session.completed", object_id="cs_1", event_id="evt_1"):
    body = {
        "id": event_id, "object": "event", "type": kind, "api_version": "2026-10-28.endive",
        "created": int(time.time()), "livemode": False, "pending_webhooks": 1, "request": None,
        "data": {"object": {"id": object_id, "object": "checkout.session"}},
    }  # fmt: skip
    return json.dumps(body).encode()


def deliver(browser, body, signature=None):
    """Post a webhook as Stripe does; the answer's status."""
    headers = {"Stripe-Signature": signed(body) if signature is None else signature}
    return browser.send("POST", "/webhooks/stripe", data=body, headers=headers).status_code
