"""A firm's own page about the card that pays its dues: consent, another card, stop."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db, writing
from portal.core.states import Refused
from portal.core.stripe_gateway import StripeAway, gateway
from portal.core.web import see_other
from portal.dues import actions, consent, queries, saving
from portal.dues.actions import Outcome
from portal.dues.forms import ConsentForm
from portal.members.models import Organization
from portal.members.queries import firm_of

blueprint = Blueprint("dues_cards", __name__, url_prefix="/firm/auto-pay")

LEFT = "You left the card page: no card was saved, and nothing was charged."
KEPT = "The card is kept. You are told before each charge."
NOT_YET = "No card has been saved. If you gave one just now, look again in a minute."
STOPPED = "The card is charged no more. Invoices wait for you to pay them."


def payer_firm() -> Organization:
    """The firm whose money the signed-in person deals with; 404 when there is none."""
    firm = firm_of(current_user)
    if firm is None or firm.id not in queries.paying_firm_ids(current_user.id):
        abort(404)
    return firm


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def auto_pay() -> ResponseReturnValue:
    firm, form = payer_firm(), ConsentForm()
    if form.validate_on_submit():
        try:
            return see_other(saving.start(firm, current_user._get_current_object()))
        except StripeAway as away:
            db.session.rollback()
            return _page(payer_firm(), form, str(away)), 503
        except Refused as refused:
            db.session.rollback()
            return see_other(url_for(".auto_pay"), str(refused), "needs")
    return _page(firm, form, LEFT if request.args.get("card") == "left" else "")


def _page(firm: Organization, form: ConsentForm, problem: str) -> str:
    return render_template(
        "dues/auto_pay.html", firm=firm, form=form, problem=problem,
        card=queries.kept_card(firm.id), coming=queries.coming_of(firm.id),
        tries=db.session.scalars(queries.charges_to(firm.id)).all(),
        words=consent.WORDS, version=consent.VERSION, takes_cards=gateway().is_configured,
    )  # fmt: skip


@blueprint.get("/return")
@requires(Permission.FIRM_PAY)
def returned() -> ResponseReturnValue:
    """Keep the card that Stripe says was saved; a message or the poller may have been faster."""
    asked = queries.last_page(payer_firm().id)
    outcome = None
    if asked and asked.session_id:
        session_id = asked.session_id
        try:
            with writing():
                outcome = saving.look(session_id)
        except StripeAway:
            db.session.rollback()
    if outcome in {Outcome.SAVED, Outcome.ALREADY}:
        return see_other(url_for(".auto_pay"), KEPT)
    return see_other(url_for(".auto_pay"), NOT_YET, "needs")


@blueprint.route("/stop", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def stop() -> ResponseReturnValue:
    firm = payer_firm()
    card = queries.kept_card(firm.id)
    if card is None:
        return see_other(url_for(".auto_pay"), "No card is kept.", "needs")
    if request.method == "POST":
        actions.revoke(card, "the firm said stop")
        db.session.commit()
        return see_other(url_for(".auto_pay"), STOPPED)
    return render_template("dues/stop.html", card=card)
