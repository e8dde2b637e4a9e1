"""The hosted pages: pay with a card, answer the bank, and what is shown when that is over."""

import re

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.demo.sandbox import cards, checkout, money_in, payments, setups
from portal.demo.sandbox.account import Account, asked_by
from portal.demo.sandbox.cards import Card
from portal.demo.sandbox.state import Thing

blueprint = Blueprint("pages", __name__)

EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)")
UNKNOWN_CARD = "This is not one of the sandbox's test cards. Use one from the list below."
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " frame-ancestors 'none'"
)


@blueprint.get("/")
def about() -> Response:
    return _page("about.html", funds=money_in.balance(Account.of_this_app())["available"])


@blueprint.get("/c/pay/<session_id>")
def show_payment(session_id: str) -> Response:
    account = Account.of_this_app()
    session = _session(account, session_id)
    return _form(account, session) if session and _is_open(session) else _closed(session)


@blueprint.post("/c/pay/<session_id>")
def pay(session_id: str) -> Response:
    account = Account.of_this_app()
    asked_by.set(None)
    with account.store.transaction():  # a second press waits here and finds it paid
        session = _session(account, session_id)
        if session is None or not _is_open(session):
            return _after(session)
        card, problems = _read(account)
        if card is None or problems:
            return _form(account, session, problems, 422)
        intent = checkout.pay(account, session, card, request.host_url.rstrip("/"))
        if intent["status"] == "requires_action":
            return redirect(f"/c/auth/{intent['id']}", 303)
        return _form(account, session, status=402) if _is_open(session) else _after(session)


@blueprint.get("/c/auth/<intent_id>")
def ask(intent_id: str) -> Response:
    account = Account.of_this_app()
    intent = _intent(account, intent_id)
    if intent is None or intent["status"] != "requires_action":
        return _onward(account, intent)
    return _page("authenticate.html", intent=intent)


@blueprint.post("/c/auth/<intent_id>")
def answer(intent_id: str) -> Response:
    account = Account.of_this_app()
    asked_by.set(None)
    with account.store.transaction():
        checkout.expire_what_is_over(account)
        intent = _intent(account, intent_id)
        if intent and intent["status"] == "requires_action":
            is_authorised = request.form.get("answer") == "authorise"
            asked = setups if intent["object"] == "setup_intent" else payments
            asked.authenticate(account, intent, is_authorised=is_authorised)
            session = account.store.find(intent["_session"] or "")
            if session:
                checkout.complete_if_paid(account, session, intent)
        return _onward(account, intent)


@blueprint.after_request
def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def _session(account: Account, session_id: str) -> Thing | None:
    checkout.expire_what_is_over(account)
    return account.store.find(session_id, "checkout.session")


def _intent(account: Account, intent_id: str) -> Thing | None:
    found = account.store.find(intent_id, "payment_intent")
    return found or account.store.find(intent_id, "setup_intent")


def _is_open(session: Thing) -> bool:
    return bool(session["status"] == "open")


def _page(template: str, status: int = 200, **shown: object) -> Response:
    return make_response(render_template(template, **shown), status)


def _after(session: Thing | None) -> Response:
    if session and session["status"] == "complete":
        return redirect(checkout.return_address(session), 303)
    return _closed(session)


def _closed(session: Thing | None) -> Response:
    if session is None:
        return _page("closed.html", 404)
    is_paid = session["status"] == "complete"
    back = checkout.return_address(session) if is_paid else session["cancel_url"]
    return _page("closed.html", 200 if is_paid else 410, session=session, back=back)


def _onward(account: Account, intent: Thing | None) -> Response:
    """On from the bank's question: to the checkout's page or end, or where the caller asked."""
    if intent is None:
        return _closed(None)
    session = account.store.find(intent["_session"] or "")
    if session:
        is_open = _is_open(session)
        return redirect(f"/c/pay/{session['id']}", 303) if is_open else _after(session)
    if intent["_return_url"]:
        mark = "&" if "?" in intent["_return_url"] else "?"
        found = f"payment_intent={intent['id']}&redirect_status={intent['status']}"
        return redirect(f"{intent['_return_url']}{mark}{found}", 303)
    return _page("closed.html", intent=intent)


def _form(
    account: Account, session: Thing, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The form, with words at wrong fields, or else with why the last card was not charged."""
    intent = _intent(account, session["setup_intent"] or session["payment_intent"] or "")
    field = "last_setup_error" if session["setup_intent"] else "last_payment_error"
    error = intent[field] if intent and not problems else None
    declined = error["message"] if error else ""
    return _page(
        "pay.html", status, session=session, problems=problems or {}, declined=declined,
        typed=request.form,
    )  # fmt: skip


def _read(account: Account) -> tuple[Card | None, dict[str, str]]:
    """The card, or words at each field that is wrong."""
    problems = {}
    card = cards.by_number(request.form.get("card_number", ""))
    if card is None:
        problems["card_number"] = UNKNOWN_CARD
    expiry = EXPIRY.fullmatch(request.form.get("expiry", "").strip())
    if expiry is None:
        problems["expiry"] = "Enter month and year, for example 12/40."
    elif (2000 + int(expiry[2]), int(expiry[1])) < account.month():
        problems["expiry"] = "This card has expired. Enter a month in the future."
    elif card:
        card = card.until(int(expiry[1]), 2000 + int(expiry[2]))
    if not re.fullmatch(r"\d{3,4}", request.form.get("cvc", "").strip()):
        problems["cvc"] = "Enter the three digits of the security code."
    return card, problems
