"""Stripe, in our own words. With `stripe_returns`, all that imports its library."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from flask import Flask, current_app

from portal.core.card_money import from_stripe, to_stripe
from portal.core.config import Settings
from portal.core.money import Money
from portal.core.receipts import Receipt, Taken, of_intent, of_session
from portal.core.stripe_balance import Balance, FeeReceipt, PayoutReceipt
from portal.core.stripe_returns import (
    AWAY,
    DisputeReceipt,
    PageRefused,
    RefundReceipt,
    RefundRefused,
    Returns,
    StripeAway,
    refusals,
)

__all__ = [
    "CheckoutPage",
    "DisputeReceipt",
    "Event",
    "FeeReceipt",
    "ForgedEvent",
    "Gateway",
    "PageRefused",
    "PayoutReceipt",
    "Receipt",
    "RefundReceipt",
    "RefundRefused",
    "StripeAway",
    "Taken",
    "gateway",
]


class ForgedEvent(Exception):
    """A message whose signature is wrong, or whose time cannot be believed."""


@dataclass(frozen=True)
class Event:
    id: str
    kind: str  # "checkout.session.completed"
    object_id: str


@dataclass(frozen=True)
class CheckoutPage:
    session_id: str
    url: str
    expires_at: int  # seconds since the epoch


class Gateway(Returns, Balance):
    def __init__(self, settings: Settings) -> None:
        self.is_configured = bool(settings.stripe_key)
        self.page_origin = settings.stripe_url
        self._secrets = settings.stripe_webhook_secrets
        self._client = stripe.StripeClient(
            settings.stripe_key or "sk_test_none",
            base_addresses={"api": settings.stripe_url},
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=(3, 20)),
        )

    def event(self, body: bytes, signature: str) -> Event:
        """The event, if one of our secrets signed it within 300 s; two serve during rotation."""
        for secret in self._secrets:
            try:
                event = self._client.construct_event(body, signature, secret)
            except (ValueError, stripe.SignatureVerificationError):
                continue
            _refuse_the_future(signature)
            # Some objects, like a balance, have no id.
            return Event(event.id, event.type, getattr(event.data.object, "id", ""))
        raise ForgedEvent

    def checkout(  # noqa: PLR0913 - one page has that many facts
        self, *, attempt_id: int, key: str, money: Money, name: str, email: str,
        success_url: str, cancel_url: str, expires_at: int, customer: str | None = None,
    ) -> CheckoutPage:  # fmt: skip
        """A hosted page for one attempt; the same `key` gives the same page.

        `customer` lets the card be kept: under that name, or under a new one when it is "".

        Raises `Refused` for an amount that cards cannot take, `StripeAway` when Stripe does not
        answer; `PageRefused` when it says no and made nothing. Call it with no transaction open.
        """
        price: Any = {
            "currency": money.currency.lower(),
            "unit_amount": to_stripe(money),
            "product_data": {"name": name},
        }
        asked: Any = {
            "mode": "payment",
            "client_reference_id": str(attempt_id),
            "metadata": {"attempt": str(attempt_id)},
            "payment_intent_data": {"metadata": {"attempt": str(attempt_id)}},
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": expires_at,
            "line_items": [{"price_data": price, "quantity": 1}],
        }
        if customer is not None:
            asked["payment_intent_data"]["setup_future_usage"] = "off_session"
        return self._page(asked, email, customer, key)

    def page_to_save_card(
        self, *, mandate_id: int, key: str, currency: str, email: str, customer: str,
        success_url: str, cancel_url: str, expires_at: int,
    ) -> CheckoutPage:  # fmt: skip
        """A hosted page on which a card is saved and nothing is charged; raises as `checkout`."""
        asked: Any = {
            "mode": "setup",
            "currency": currency.lower(),
            "client_reference_id": f"card-{mandate_id}",
            "setup_intent_data": {"metadata": {"mandate": str(mandate_id)}},
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": expires_at,
        }
        return self._page(asked, email, customer, key)

    def _page(self, asked: Any, email: str, customer: str | None, key: str) -> CheckoutPage:
        if customer:
            asked["customer"] = customer
        else:
            asked |= {"customer_email": email} if email else {}
            asked |= {"customer_creation": "always"} if customer is not None else {}
        with refusals():
            made: Any = self._client.v1.checkout.sessions.create(asked, {"idempotency_key": key})
        return CheckoutPage(made.id, made.url, made.expires_at)

    def charge(
        self, *, attempt_id: int, key: str, money: Money, name: str, customer: str,
        payment_method: str,
    ) -> Receipt:  # fmt: skip
        """Charge a kept card while its payer is away; the same `key` charges once.

        A card that declines or asks for its payer is an answer; raises as `checkout`.
        """
        asked: Any = {
            "amount": to_stripe(money), "currency": money.currency.lower(), "customer": customer,
            "payment_method": payment_method, "off_session": True, "confirm": True,
            "description": name, "metadata": {"attempt": str(attempt_id)},
        }  # fmt: skip
        try:
            with refusals():
                made: Any = self._client.v1.payment_intents.create(asked, {"idempotency_key": key})
        except stripe.CardError as error:
            made = getattr(error.error, "payment_intent", None)
            if made is None:
                raise PageRefused(AWAY) from error
        return of_intent(made)

    def receipt_of_charge(self, payment_intent: str) -> Receipt | None:
        """The charge as Stripe has it now; None when it knows no such charge."""
        try:
            return of_intent(self._client.v1.payment_intents.retrieve(payment_intent))
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def find_charge(self, customer: str, attempt_id: int, since: datetime) -> str | None:
        """The charge that we asked for and whose answer was lost; None when Stripe made none."""
        asked: Any = {
            "customer": customer, "created": {"gte": int(since.timestamp()) - 60}, "limit": 100
        }  # fmt: skip
        with refusals():
            for one in self._client.v1.payment_intents.list(asked).auto_paging_iter():
                if one.metadata.to_dict().get("attempt") == str(attempt_id):
                    return str(one.id)
        return None

    def call_off(self, payment_intent: str) -> None:
        """Nothing can come of the charge any more; one that is paid stays paid."""
        self._closed(self._client.v1.payment_intents.cancel, payment_intent)

    def forget_card(self, payment_method: str) -> None:
        """Stripe lets go of the card; one that is gone already is fine."""
        self._closed(self._client.v1.payment_methods.detach, payment_method)

    def events_since(self, since: datetime) -> Iterator[Event]:
        """What Stripe told anybody since then, the newest first; it remembers 30 days."""
        asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        with refusals():
            for one in self._client.v1.events.list(asked).auto_paging_iter():
                yield Event(one.id, one.type, getattr(one.data.object, "id", ""))

    def taken_since(self, since: datetime) -> Iterator[Taken]:
        """Every payment that Stripe took since then."""
        asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        with refusals():
            for one in self._client.v1.charges.list(asked).auto_paging_iter():
                if one.status == "succeeded":
                    money = from_stripe(one.amount, one.currency)
                    yield Taken(str(one.payment_intent or one.id), money, one.created)

    def receipt(self, session_id: str) -> Receipt | None:
        """The checkout as Stripe has it now; None when it knows no such session."""
        try:
            saved = ["payment_intent.payment_method", "setup_intent.payment_method"]
            expand: Any = {"expand": saved}
            found: Any = self._client.v1.checkout.sessions.retrieve(session_id, expand)
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error
        return of_session(found)

    def expire(self, session_id: str) -> None:
        """Close a page so that it cannot be paid any more; one that is closed already is fine."""
        self._closed(self._client.v1.checkout.sessions.expire, session_id)

    @staticmethod
    def _closed(close: Callable[[str], object], thing_id: str) -> None:
        """What is closed already, or was never there, is as it should be."""
        with suppress(PageRefused), refusals():
            close(thing_id)


def _refuse_the_future(signature: str) -> None:
    """The library refuses what is older than 300 s and accepts an hour ahead: we do not."""
    times = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if not times or int(times[0]) > time.time() + 300:
        raise ForgedEvent


def gateway() -> Gateway:
    return current_app.extensions["stripe"]


def init_app(app: Flask, settings: Settings) -> None:
    stripe.enable_telemetry = False
    app.extensions["stripe"] = Gateway(settings)
