"""A payer's own currency: shown and charged there, at one invented rate, as Adaptive Pricing does.

Every amount stays in the merchant's currency; `presentment_details` tell what the payer paid or
gets back. Who is given everything back gets exactly what they paid, whatever the parts.
Source: Stripe's changelog of 2025-03-31, and its page "Conversions on disputes and refunds".
"""

from portal.demo.sandbox.cards import Card
from portal.demo.sandbox.currencies import digits
from portal.demo.sandbox.state import Thing

RATE = 86  # hundredths of the payer's currency for one of the merchant's


def convert(thing: Thing, card: Card) -> dict[str, Thing]:
    """What a payment on a page adds; nothing for a card of the merchant's own currency."""
    wanted = card.currency
    if not thing["_session"] or wanted in {"", thing["currency"]}:
        return {}
    minor = thing["amount"] * RATE * 10 ** digits(wanted)
    minor //= 100 * 10 ** digits(thing["currency"])
    return _details(minor, wanted)


def give_back(charge: Thing, amount: int) -> dict[str, Thing]:
    """What a refund of `amount` adds, before it is counted on the charge."""
    paid = charge.get("presentment_details")
    if not paid:
        return {}
    before, whole = charge["amount_refunded"], charge["amount"]
    upto, so_far = (paid["presentment_amount"] * n // whole for n in (before + amount, before))
    return _details(upto - so_far, paid["presentment_currency"])


def _details(minor: int, currency: str) -> dict[str, Thing]:
    details = {"presentment_amount": minor, "presentment_currency": currency}
    return {"presentment_details": details}
