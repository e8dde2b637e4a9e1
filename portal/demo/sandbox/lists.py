"""Lists as Stripe pages them, and fields expanded into the objects that they name."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from portal.demo.sandbox.account import Account
from portal.demo.sandbox.errors import no_such, only_one_of, refused
from portal.demo.sandbox.state import Thing, public

USUAL, MOST = 10, 100
EXPANDABLE = {
    "balance_transaction": {"source"},
    "charge": {"balance_transaction", "customer", "payment_intent"},
    "checkout.session": {"customer", "line_items", "payment_intent", "setup_intent"},
    "dispute": {"charge", "payment_intent"},
    "payment_intent": {"customer", "latest_charge", "payment_method"},
    "setup_intent": {"customer", "payment_method"},
    "payout": {"balance_transaction", "failure_balance_transaction"},
    "refund": {"balance_transaction", "charge", "payment_intent"},
}
DEEPEST = 4
FILTERS = ("charge", "currency", "customer", "payment_intent", "source", "status")


def page(
    account: Account, kind: str, asked: dict[str, Any], url: str,
    keep: Callable[[Thing], bool] = lambda _thing: True,
) -> dict[str, Any]:  # fmt: skip
    """Newest first. `keep` filters beyond the equal fields and `created`, which are done here."""
    limit = asked.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise refused(f"Invalid limit: must be between 1 and {MOST}", "limit")
    after, before = asked.get("starting_after", ""), asked.get("ending_before", "")
    if after and before:
        raise only_one_of("starting_after", "ending_before")
    for param, edge in (("starting_after", after), ("ending_before", before)):
        if edge and account.store.find(edge, kind) is None:
            raise no_such(kind, edge, param, status=400)
    found = account.store.all_of(kind, after=after, before=before)
    wanted = (thing for thing in found if _matches(thing, asked) and keep(thing))
    rows = list(islice(wanted, limit + 1))
    data = [public(thing) for thing in rows[:limit]]
    if before:
        data.reverse()
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": data}


def _matches(thing: Thing, asked: dict[str, Any]) -> bool:
    for name in FILTERS:
        if name in asked and thing.get(name) != asked[name]:
            return False
    return _in_time(thing["created"], asked.get("created"))


def _in_time(created: int, wanted: int | dict[str, int] | None) -> bool:
    if wanted is None or isinstance(wanted, int):
        return wanted in {None, created}
    return wanted.get("gt", created - 1) < created < wanted.get("lt", created + 1) and wanted.get(
        "gte", created
    ) <= created <= wanted.get("lte", created)


def expanded(account: Account, answer: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise refused(f"You cannot expand more than {DEEPEST} levels of a property", "expand")
        _expand(account, answer, parts, path)
    return answer


def _expand(account: Account, thing: dict[str, Any], parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if thing["object"] == "list" and name == "data":
        for row in thing["data"]:
            _expand(account, row, rest, path)
        return
    if name not in EXPANDABLE.get(thing["object"], ()):
        raise refused(f"This property cannot be expanded ({path}).", "expand")
    if name == "line_items" and name not in thing:
        thing[name] = line_items(account, thing["id"])
    if isinstance(thing[name], str):
        found = account.store.find(thing[name])
        thing[name] = public(found) if found else thing[name]
    if rest and isinstance(thing[name], dict):
        _expand(account, thing[name], rest, path)


def line_items(account: Account, session_id: str) -> dict[str, Any]:
    session = account.get(session_id, "checkout.session", "checkout.session")
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": session["_line_items"]}
