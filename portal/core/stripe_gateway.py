"""Stripe, in our own words. The only module that imports its library."""

import time
from dataclasses import dataclass
from typing import Any

import stripe
from flask import Flask, current_app

from portal.core.config import Settings
from portal.core.money import NOT_BY_CARD, Money
from portal.core.states import Refused


class ForgedEvent(Exception):
    """A message whose signature is wrong, or whose time cannot be believed."""


class StripeAway(Refused):
    """Stripe did not answer, or answered with an error of its own."""


class PageRefused(StripeAway):
    """Stripe answered that it makes no page from what we asked: there is none to look for."""


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


@dataclass(frozen=True)
class Receipt:
    """What Stripe says of one of our checkouts, read now."""

    session_id: str
    attempt_id: int  # ours, from client_reference_id
    status: str  # open | complete | expired
    is_paid: bool
    has_failed: bool  # submitted, and it will not be paid
    money: Money
    payment_intent: str | None


class RefundRefused(Refused):
    """Stripe answered that it does not send this money back, and why."""


@dataclass(frozen=True)
class RefundReceipt:
    """What Stripe says of one refund, read now."""

    refund_id: str
    number: int  # ours, from its metadata; 0 when it was made elsewhere
    payment_intent: str
    money: Money
    status: str  # pending | succeeded | failed | canceled
    trouble: str


@dataclass(frozen=True)
class DisputeReceipt:
    """What Stripe says of one dispute, read now; instants are seconds since the epoch."""

    dispute_id: str
    payment_intent: str
    money: Money
    status: str  # open | won | lost
    reason: str
    opened: int
    evidence_due: int | None


AWAY = "Card payments are away for a moment. Nothing was charged; you can pay by bank transfer."


class Gateway:
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

    def checkout(
        self, *, attempt_id: int, key: str, money: Money, name: str, email: str,
        success_url: str, cancel_url: str, expires_at: int,
    ) -> CheckoutPage:  # fmt: skip
        """A hosted page for one attempt; the same `key` gives the same page.

        Raises `Refused` for a currency whose decimals Stripe and we count differently,
        `StripeAway` when it does not answer; `PageRefused` when it says no and made nothing.
        Call it with no transaction open.
        """
        if money.currency in NOT_BY_CARD:
            raise Refused(f"{money.currency} cannot be paid by card: please use a bank transfer.")
        price: Any = {
            "currency": money.currency.lower(),
            "unit_amount": money.minor,
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
        if email:
            asked["customer_email"] = email
        try:
            made: Any = self._client.v1.checkout.sessions.create(asked, {"idempotency_key": key})
        except stripe.InvalidRequestError as error:
            raise PageRefused(AWAY) from error
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error
        return CheckoutPage(made.id, made.url, made.expires_at)

    def receipt(self, session_id: str) -> Receipt | None:
        """The checkout as Stripe has it now; None when it knows no such session."""
        try:
            expand: Any = {"expand": ["payment_intent"]}
            found: Any = self._client.v1.checkout.sessions.retrieve(session_id, expand)
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error
        return _receipt(found)

    def expire(self, session_id: str) -> None:
        """Close a page so that it cannot be paid any more; one that is closed already is fine."""
        try:
            self._client.v1.checkout.sessions.expire(session_id)
        except stripe.InvalidRequestError:
            return
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def refund(self, *, number: int, key: str, payment_intent: str, money: Money) -> RefundReceipt:
        """Send money of a card payment back to its card; the same `key` is the same refund.

        Raises `RefundRefused` when Stripe says no, `StripeAway` when nobody knows what became of
        it. Call it with no transaction open.
        """
        asked: Any = {
            "payment_intent": payment_intent, "amount": money.minor,
            "metadata": {"refund": str(number)},
        }  # fmt: skip
        try:
            return _refund(self._client.v1.refunds.create(asked, {"idempotency_key": key}))
        except stripe.InvalidRequestError as error:
            raise RefundRefused(error.user_message or "The card processor refused it.") from error
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def refund_receipt(self, refund_id: str) -> RefundReceipt | None:
        """The refund as Stripe has it now; None when it knows no such refund."""
        try:
            return _refund(self._client.v1.refunds.retrieve(refund_id))
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def refunds(self, **asked: Any) -> list[RefundReceipt]:
        """All refunds of a `payment_intent` or a `charge`, or since `created={"gte": seconds}`."""
        params: Any = {"limit": 100, **asked}
        try:
            found = self._client.v1.refunds.list(params)
            return [_refund(one) for one in found.auto_paging_iter()]
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def dispute(self, dispute_id: str) -> DisputeReceipt | None:
        """The dispute as Stripe has it now; None when it knows no such dispute."""
        try:
            return _dispute(self._client.v1.disputes.retrieve(dispute_id))
        except stripe.InvalidRequestError:
            return None
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error

    def disputes(self, since: int) -> list[DisputeReceipt]:
        params: Any = {"limit": 100, "created": {"gte": since}}
        try:
            found = self._client.v1.disputes.list(params)
            return [_dispute(one) for one in found.auto_paging_iter()]
        except stripe.StripeError as error:
            raise StripeAway(AWAY) from error


def _refund(found: Any) -> RefundReceipt:
    number = str(getattr(found.metadata, "refund", "") or "")
    return RefundReceipt(
        refund_id=found.id,
        number=int(number) if number.isdigit() else 0,
        payment_intent=str(found.payment_intent or ""),
        money=Money(found.amount, found.currency.upper()),
        status=found.status,
        trouble=str(getattr(found, "failure_reason", "") or "").replace("_", " "),
    )


# An inquiry that is closed, and a dispute that was prevented, took no money.
DISPUTE_ENDS = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}


def _dispute(found: Any) -> DisputeReceipt:
    return DisputeReceipt(
        dispute_id=found.id,
        payment_intent=str(found.payment_intent or ""),
        money=Money(found.amount, found.currency.upper()),
        status=DISPUTE_ENDS.get(found.status, "open"),
        reason=found.reason.replace("_", " "),
        opened=found.created,
        evidence_due=found.evidence_details.due_by,
    )


def _receipt(found: Any) -> Receipt:
    reference = str(found.client_reference_id or "")
    intent = found.payment_intent
    is_paid = found.payment_status == "paid"
    gone = getattr(intent, "status", "") in {"requires_payment_method", "canceled"}
    return Receipt(
        session_id=found.id,
        attempt_id=int(reference) if reference.isdigit() else 0,
        status=found.status,
        is_paid=is_paid,
        has_failed=found.status == "complete" and not is_paid and gone,
        money=Money(found.amount_total or 0, (found.currency or "eur").upper()),
        payment_intent=getattr(intent, "id", intent),
    )


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
