"""What Stripe tells us: believed once, kept, and answered at once; a job does the rest."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.core.access import public
from portal.core.db import db
from portal.core.stripe_gateway import ForgedEvent, gateway
from portal.core.web import csrf
from portal.dues.jobs import keep_event
from portal.dues.models import StripeEvent

blueprint = Blueprint("dues_webhooks", __name__, url_prefix="/webhooks")

HEARD = "", 204


@blueprint.post("/stripe")
@csrf.exempt
@public  # Stripe signs its messages instead of signing in
def stripe() -> ResponseReturnValue:
    try:
        event = gateway().event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except ForgedEvent:
        abort(400)
    if not db.session.scalar(select(StripeEvent.id).where(StripeEvent.event_id == event.id)):
        keep_event(event)
    return HEARD
