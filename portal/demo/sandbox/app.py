"""The sandbox as a WSGI application of its own: the API, the hosted pages, the levers."""

from typing import Any

from flask import Flask, Response, jsonify, request

from portal.demo.sandbox import answers, currencies, levers, pages
from portal.demo.sandbox.account import API_VERSION, Account
from portal.demo.sandbox.api import API, Endpoint
from portal.demo.sandbox.cards import CARDS
from portal.demo.sandbox.errors import ApiError, refused
from portal.demo.sandbox.state import new_id

LARGEST_BODY = 1024 * 1024


def create_sandbox(account: Account) -> Flask:
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions["stripe_account"] = account
    app.jinja_env.globals.update(money=currencies.in_words, account=account, cards=CARDS)
    desk = answers.Desk(account)
    for endpoint in API:
        _route(app, desk, endpoint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(levers.blueprint)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(404, _unknown)
    app.register_error_handler(405, _unknown)
    app.register_error_handler(500, _broken)
    app.after_request(_note)
    return app


def _route(app: Flask, desk: answers.Desk, endpoint: Endpoint) -> None:
    def view(thing_id: str = "") -> Response:
        status, body, headers = desk.answer(endpoint, [thing_id] if thing_id else [])
        return Response(body, status, headers, mimetype="application/json")

    name = f"{endpoint.method} {endpoint.path}"
    app.add_url_rule(endpoint.path, name, view, methods=[endpoint.method])


def _refuse(error: Any) -> tuple[Response, int]:
    return jsonify(error.body), error.status


def _unknown(_error: Exception) -> tuple[Response, int]:
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    return jsonify(refused(message).body), 404


def _broken(_error: Exception) -> tuple[Response, int]:
    return _refuse(ApiError(500, "api_error", "The sandbox itself is broken: see its console."))


def _note(response: Response) -> Response:
    """Number the answer as Stripe does, and remember it for /_state; the key is not kept."""
    if not request.path.startswith("/v1/"):
        return response
    response.headers.setdefault("Request-Id", new_id("req_", 14))
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    Account.of_this_app().seen.append({
        "method": request.method, "path": request.path, "status": response.status_code,
        "idempotency_key": request.headers.get("Idempotency-Key"),
        "is_replay": "Idempotent-Replayed" in response.headers,
        "headers": {name: value for name, value in request.headers if name != "Authorization"},
    })  # fmt: skip
    return response
