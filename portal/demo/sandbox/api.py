"""The table of contents of the API: address, parameter type, what is acted on, what does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from stripe import params as types
from stripe.params import checkout as checkout_types

from portal.demo.sandbox import (
    checkout,
    customers,
    disputes,
    lists,
    money_in,
    payments,
    payouts,
    refunds,
)
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.errors import only_one_of
from portal.demo.sandbox.state import Thing, public

Handler = Callable[..., dict[str, Any]]  # (account, asked, origin, *ids)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    params: type
    acts_on: frozenset[str]
    handler: Handler


def retrieve(kind: str, named: str = "") -> Handler:
    def handler(account: Account, _asked: dict[str, Any], _origin: str, thing_id: str) -> Thing:
        return public(account.get(thing_id, kind, named or kind))

    return handler


def listed(kind: str, url: str) -> Handler:
    def handler(account: Account, asked: dict[str, Any], _origin: str) -> dict[str, Any]:
        return lists.page(account, kind, asked, url)

    return handler


def list_events(account: Account, asked: dict[str, Any], _origin: str) -> dict[str, Any]:
    if "type" in asked and "types" in asked:
        raise only_one_of("type", "types")
    wanted = asked.get("types") or ([asked["type"]] if "type" in asked else ["*"])
    sent = _delivered(account) if "delivery_success" in asked else set()

    def keep(event: Thing) -> bool:
        if "delivery_success" in asked and (event["id"] in sent) is not asked["delivery_success"]:
            return False
        return any(_fits(event["type"], pattern) for pattern in wanted)

    return lists.page(account, "event", asked, "/v1/events", keep)


def list_movements(account: Account, asked: dict[str, Any], _origin: str) -> dict[str, Any]:
    is_held = payouts.held_by(account, asked["payout"]) if "payout" in asked else lambda _one: True

    def keep(moved: Thing) -> bool:
        return moved["type"] == asked.get("type", moved["type"]) and is_held(moved)

    return lists.page(account, "balance_transaction", asked, "/v1/balance_transactions", keep)


def list_line_items(
    account: Account, _asked: dict[str, Any], _origin: str, session_id: str
) -> dict[str, Any]:
    return lists.line_items(account, session_id)


def _fits(kind: str, pattern: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


def _delivered(account: Account) -> set[str]:
    """Events whose every webhook arrived; one that nobody waits for counts as well."""
    late = {row["event"] for row in account.store.run(
        "SELECT DISTINCT event FROM deliveries WHERE state <> 'delivered'")}  # fmt: skip
    return {event["id"] for event in account.store.all_of("event")} - late


def _balance(account: Account, _asked: dict[str, Any], _origin: str) -> dict[str, Any]:
    return money_in.balance(account)


def _on(words: str = "") -> frozenset[str]:
    return frozenset([*words.split(), "expand"])


PAGED = "created ending_before limit starting_after"
SESSIONS = "/v1/checkout/sessions"
SESSION = f"{SESSIONS}/<thing_id>"
INTENTS = "/v1/payment_intents"
INTENT = f"{INTENTS}/<thing_id>"
CREATES_SESSION = (
    "cancel_url client_reference_id currency customer customer_creation customer_email expires_at "
    "line_items locale metadata mode payment_intent_data setup_intent_data submit_type "
    "success_url ui_mode"
)
CREATES_INTENT = (
    "amount confirm currency customer description metadata off_session payment_method "
    "receipt_email return_url"
)

_get = partial(Endpoint, "GET")
_post = partial(Endpoint, "POST")

API: tuple[Endpoint, ...] = (
    _post(SESSIONS, checkout_types.SessionCreateParams, _on(CREATES_SESSION), checkout.create),
    _get(SESSIONS, checkout_types.SessionListParams,
         _on(f"{PAGED} customer payment_intent status"), listed("checkout.session", SESSIONS)),
    _get(SESSION, checkout_types.SessionRetrieveParams, _on(), retrieve("checkout.session")),
    _get(f"{SESSION}/line_items", checkout_types.SessionListLineItemsParams, _on(),
         list_line_items),
    _post(f"{SESSION}/expire", checkout_types.SessionExpireParams, _on(), checkout.expire),
    _post(INTENTS, types.PaymentIntentCreateParams, _on(CREATES_INTENT), payments.create),
    _get(INTENTS, types.PaymentIntentListParams, _on(f"{PAGED} customer"),
         listed("payment_intent", INTENTS)),
    _get(INTENT, types.PaymentIntentRetrieveParams, _on("client_secret"),
         retrieve("payment_intent")),
    _post(f"{INTENT}/confirm", types.PaymentIntentConfirmParams,
          _on("off_session payment_method return_url"), payments.confirm),
    _post(f"{INTENT}/cancel", types.PaymentIntentCancelParams, _on("cancellation_reason"),
          payments.cancel),
    _post("/v1/refunds", types.RefundCreateParams,
          _on("amount charge metadata payment_intent reason"), refunds.create),
    _get("/v1/refunds", types.RefundListParams, _on(f"{PAGED} charge payment_intent"),
         listed("refund", "/v1/refunds")),
    _get("/v1/refunds/<thing_id>", types.RefundRetrieveParams, _on(), retrieve("refund")),
    _post("/v1/refunds/<thing_id>", types.RefundUpdateParams, _on("metadata"), refunds.update),
    _get("/v1/charges", types.ChargeListParams, _on(f"{PAGED} customer payment_intent"),
         listed("charge", "/v1/charges")),
    _get("/v1/charges/<thing_id>", types.ChargeRetrieveParams, _on(), retrieve("charge")),
    _get("/v1/disputes", types.DisputeListParams, _on(f"{PAGED} charge payment_intent"),
         listed("dispute", "/v1/disputes")),
    _get("/v1/disputes/<thing_id>", types.DisputeRetrieveParams, _on(), retrieve("dispute")),
    _post("/v1/disputes/<thing_id>", types.DisputeUpdateParams, _on("evidence metadata submit"),
          disputes.update),
    _post("/v1/disputes/<thing_id>/close", types.DisputeCloseParams, _on(), disputes.close),
    _get("/v1/events", types.EventListParams, _on(f"{PAGED} delivery_success type types"),
         list_events),
    _get("/v1/events/<thing_id>", types.EventRetrieveParams, _on(), retrieve("event")),
    _get("/v1/balance", types.BalanceRetrieveParams, _on(), _balance),
    _get("/v1/balance_transactions", types.BalanceTransactionListParams,
         _on(f"{PAGED} currency payout source type"), list_movements),
    _get("/v1/balance_transactions/<thing_id>", types.BalanceTransactionRetrieveParams, _on(),
         retrieve("balance_transaction")),
    _post("/v1/payouts", types.PayoutCreateParams,
          _on("amount currency description metadata statement_descriptor"), payouts.create),
    _get("/v1/payouts", types.PayoutListParams, _on(f"{PAGED} status"),
         listed("payout", "/v1/payouts")),
    _get("/v1/payouts/<thing_id>", types.PayoutRetrieveParams, _on(), retrieve("payout")),
    _post("/v1/customers", types.CustomerCreateParams,
          _on("description email metadata name phone"), customers.create),
    _get("/v1/customers/<thing_id>", types.CustomerRetrieveParams, _on(), retrieve("customer")),
    _get("/v1/setup_intents/<thing_id>", types.SetupIntentRetrieveParams, _on("client_secret"),
         retrieve("setup_intent")),
    _post("/v1/payment_methods/<thing_id>/detach", types.PaymentMethodDetachParams, _on(),
          customers.detach),
    _get("/v1/payment_methods/<thing_id>", types.PaymentMethodRetrieveParams, _on(),
         retrieve("payment_method", "PaymentMethod")),
)  # fmt: skip
