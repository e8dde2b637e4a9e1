"""Money that goes back, as Stripe tells it: refunds and disputes; and Stripe's refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import stripe

from portal.core.card_money import from_stripe, to_stripe
from portal.core.money import Money
from portal.core.states import Refused

AWAY = "Card payments are away for a moment. Nothing was charged; you can pay by bank transfer."


class StripeAway(Refused):
    """Stripe did not answer, or answered with an error of its own."""


class PageRefused(StripeAway):
    """Stripe answered that it makes no page from what we asked: there is none to look for."""


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
    made: int = 0  # seconds since the epoch


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


@contextmanager
def refusals() -> Iterator[None]:
    """Stripe's errors as ours; a card that declines is its caller's."""
    try:
        yield
    except stripe.CardError:
        raise
    except stripe.InvalidRequestError as error:
        raise PageRefused(AWAY) from error
    except stripe.StripeError as error:
        raise StripeAway(AWAY) from error


class Returns:
    """The half of the gateway that is about money going back."""

    _client: stripe.StripeClient

    def refund(self, *, number: int, key: str, payment_intent: str, money: Money) -> RefundReceipt:
        """Send money of a card payment back to its card; the same `key` is the same refund.

        Raises `RefundRefused` when Stripe says no, `StripeAway` when nobody knows what became of
        it. Call it with no transaction open.
        """
        asked: Any = {
            "payment_intent": payment_intent, "amount": to_stripe(money),
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
        money=from_stripe(found.amount, found.currency),
        status=found.status,
        trouble=str(getattr(found, "failure_reason", "") or "").replace("_", " "),
        made=found.created,
    )


# An inquiry that is closed, and a dispute that was prevented, took no money.
DISPUTE_ENDS = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}


def _dispute(found: Any) -> DisputeReceipt:
    return DisputeReceipt(
        dispute_id=found.id,
        payment_intent=str(found.payment_intent or ""),
        money=from_stripe(found.amount, found.currency),
        status=DISPUTE_ENDS.get(found.status, "open"),
        reason=found.reason.replace("_", " "),
        opened=found.created,
        evidence_due=found.evidence_details.due_by,
    )
