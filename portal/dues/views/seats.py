"""Seats a firm buys for the rest of its term."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues import actions, queries
from portal.dues.forms import SeatsForm
from portal.dues.models import Invoice
from portal.dues.views import blueprint
from portal.members.powers import may_order
from portal.members.queries import (
    affiliation_of,
    last_order_id,
    open_orders,
    seat_queue,
    seats_now,
)

SEATS_CANCELLED = "The order is cancelled, and a credit note takes its invoice back."
SEATS_ORDERED = "Ordered: the invoice is on its way. The seats are there as soon as it is paid."


@blueprint.route("/firm/seats", methods=["GET", "POST"])
@requires(Permission.FIRM_READ)
def seats() -> ResponseReturnValue:
    """Buy seats for the rest of the term: the price first, then the invoice."""
    me = affiliation_of(current_user) or abort(404)
    now = seats_now(me.organization_id)
    if now is None or now.size is None or not may_order(me.roles):
        abort(404)
    form = SeatsForm(seats=request.args.get("seats", 1, type=int))
    priced = None
    try:
        is_good = request.method == "GET" or form.validate()
        if is_good and form.seen.data and form.after.data is not None:
            seen = actions.Seen(form.seen.data, form.after.data)
            invoice = actions.order_as_seen(now.term, form.seats.data, seen)
            db.session.commit()
            if invoice:
                return see_other(_page_after_order(invoice), SEATS_ORDERED)
        if is_good:
            priced = actions.price_of_seats(now.term, form.seats.data)
    except Refused as refused:
        db.session.rollback()
        form.seats.errors = [str(refused)]
    return render_template(
        "dues/seats.html", form=form, now=now, priced=priced, firm=me.organization,
        waiting=seat_queue(me.organization_id), after=last_order_id(now.term),
        orders=open_orders(now.term),
    )  # fmt: skip


@blueprint.post("/firm/seats/orders/<int:order_id>/cancel")
@requires(Permission.FIRM_READ)
def cancel_seats(order_id: int) -> ResponseReturnValue:
    """Seats that were ordered and not paid are not wanted any more."""
    me = affiliation_of(current_user) or abort(404)
    now = seats_now(me.organization_id)
    mine = open_orders(now.term) if now and may_order(me.roles) else []
    order = next((one for one in mine if one.id == order_id), None) or abort(404)
    try:
        actions.cancel_order(order)
    except Refused as refused:
        db.session.rollback()
        return see_other(url_for(".seats"), str(refused))
    db.session.commit()
    return see_other(url_for(".seats"), SEATS_CANCELLED)


def _page_after_order(invoice: Invoice) -> str:
    """A roster manager who does not see invoices goes back to the people."""
    sees = invoice.organization_id in queries.payer_firm_ids(current_user.id)
    return url_for(".show", invoice_id=invoice.id) if sees else url_for("members.people")
