"""What Stripe tells us: believed once, kept, and answered at once; a job does the rest."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core import clock
from portal.core.access import public
from portal.core.db import db
from portal.core.jobs import queue
from portal.core.stripe_gateway import Event, ForgedEvent, gateway
from portal.core.web import csrf
from portal.dues.jobs import hear
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
        _keep(event)
    return HEARD


def _keep(event: Event) -> None:
    facts = {"event_id": event.id, "kind": event.kind, "object_id": event.object_id}
    try:
        db.session.add(StripeEvent(heard_at=clock.now(), handled_at=None, **facts))
        queue(hear, key=f"stripe:{event.id}", event_id=event.id)
        db.session.commit()
    except IntegrityError:  # a twin was heard at this very moment
        db.session.rollback()
