"""What Stripe keeps of the money it took, and what it pays out to the bank."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.core.card_money import from_stripe
from portal.core.money import Money
from portal.core.stripe_returns import PageRefused, refusals

# Movements that are a fee themselves; of all others the fee is told beside the amount.
FEES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})
MANY = 100  # to a page of a list


@dataclass(frozen=True)
class FeeReceipt:
    """A movement of Stripe's balance that cost something; less than nothing is a fee returned."""

    movement_id: str  # txn_…
    source_id: str  # ch_…, du_…; "" of a fee for nothing in particular
    payment_intent: str  # pi_… where the source is a charge
    money: Money
    made: int  # seconds since the epoch


@dataclass(frozen=True)
class PayoutReceipt:
    """What Stripe says of one payout, read now."""

    payout_id: str
    money: Money
    status: str  # pending | in_transit | paid | failed | canceled
    arrival: int  # seconds since the epoch, as are the next
    made: int
    trace: str  # what the bank's statement may name it by
    trouble: str


class Balance:
    """The third of the gateway that is about what lies at Stripe."""

    _client: Any  # stripe.StripeClient

    def fees(self, **asked: Any) -> Iterator[FeeReceipt]:
        """All fees of a `payout`, or since `created={"gte": seconds}`; the newest first.

        Of a payout that was made by hand Stripe tells nothing.
        """
        params: Any = {"limit": MANY, "expand": ["data.source"], **asked}
        try:
            with refusals():
                for one in self._client.v1.balance_transactions.list(params).auto_paging_iter():
                    if found := _fee(one):
                        yield found
        except PageRefused:
            if "payout" not in asked:
                raise

    def payout(self, payout_id: str) -> PayoutReceipt | None:
        """The payout as Stripe has it now; None when it knows no such payout."""
        try:
            with refusals():
                return _payout(self._client.v1.payouts.retrieve(payout_id))
        except PageRefused:
            return None

    def payouts(self, since: int) -> list[PayoutReceipt]:
        params: Any = {"limit": MANY, "created": {"gte": since}}
        with refusals():
            return [
                _payout(one) for one in self._client.v1.payouts.list(params).auto_paging_iter()
            ]


def _fee(found: Any) -> FeeReceipt | None:
    minor = found.fee - (found.amount if found.type in FEES else 0)
    if not minor:
        return None
    source = found.source
    return FeeReceipt(
        movement_id=found.id,
        source_id=str(getattr(source, "id", source) or ""),
        payment_intent=str(getattr(source, "payment_intent", "") or ""),
        money=from_stripe(minor, found.currency),
        made=found.created,
    )


def _payout(found: Any) -> PayoutReceipt:
    trace = getattr(found, "trace_id", None)
    return PayoutReceipt(
        payout_id=found.id,
        money=from_stripe(found.amount, found.currency),
        status=found.status,
        arrival=found.arrival_date,
        made=found.created,
        trace=str(getattr(trace, "value", "") or ""),
        trouble=str(found.failure_message or ""),
    )
