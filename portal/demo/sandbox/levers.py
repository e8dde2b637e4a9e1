"""What Stripe does not have: faults on order, a clock to move, and a look at everything held."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.demo.sandbox import payouts
from portal.demo.sandbox.account import Account, asked_by
from portal.demo.sandbox.faults import BadFault

blueprint = Blueprint("levers", __name__)


@blueprint.get("/_health")
def health() -> Response:
    account = Account.of_this_app()
    account.store.run("SELECT 1")
    return jsonify(status="ok", name=account.name)


@blueprint.get("/_state")
def state() -> Response:
    account = Account.of_this_app()
    held = account.store.everything()
    held["requests"] = list(account.seen)
    held["faults"] = account.faults.left()
    held["clock"] = {"now": account.now(), "ahead": account.ahead}
    return Response(json.dumps(held, indent=2), mimetype="application/json")


@blueprint.delete("/_state")
def forget() -> Response:
    account = Account.of_this_app()
    account.store.forget()
    account.faults.order(dict.fromkeys(account.faults.left(), 0))
    account.held.clear()
    account.seen.clear()
    account.ahead = 0.0
    return jsonify(status="forgotten")


@blueprint.post("/_faults")
def order_faults() -> tuple[Response, int]:
    faults = Account.of_this_app().faults
    try:
        faults.order(request.get_json(force=True, silent=True))
    except BadFault as problem:
        return jsonify(error=str(problem)), 400
    return jsonify(faults.left()), 200


@blueprint.post("/_clock")
def move_clock() -> tuple[Response, int]:
    """`{"advance": seconds}` moves it on, `{"now": epoch}` sets it; it runs on from there."""
    account = Account.of_this_app()
    asked = request.get_json(force=True, silent=True)
    for word, start in (("advance", account.ahead), ("now", -account.real_time())):
        seconds: Any = asked.get(word) if isinstance(asked, dict) else None
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            account.ahead = start + seconds
            account.wake.set()
            return jsonify(now=account.now()), 200
    return jsonify(error='Send {"advance": seconds} or {"now": seconds since 1970}.'), 400


@blueprint.post("/_payouts")
def pay_out() -> AnyResponse:
    """Pay out all that is available, as Stripe does every day; a browser is led back."""
    asked_by.set(None)
    made = payouts.pay_all(Account.of_this_app())
    if request.accept_mimetypes.best == "text/html":
        return redirect(url_for("pages.about"), 303)
    return jsonify(data=made)


@blueprint.post("/_payouts/<payout_id>/fail")
def fail_payout(payout_id: str) -> Response:
    """Let the bank send a payout back that it had taken."""
    asked_by.set(None)
    return jsonify(payouts.fail(Account.of_this_app(), payout_id))
