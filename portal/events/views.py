"""Events for visitors and members: the programme, one event, registering, giving back."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as AnyResponse

from portal.association.queries import association
from portal.core import clock
from portal.core.access import public
from portal.core.db import db
from portal.core.markdown import render
from portal.core.states import Refused
from portal.core.web import paginate, see_other, with_argument
from portal.dues.actions import pay_link
from portal.events import actions, calendars, queries
from portal.events.actions import Attendee, Buyer
from portal.events.forms import RegisterForm
from portal.events.models import Event, EventKind, EventStatus, RegistrationStatus
from portal.members.models import Organization
from portal.members.policy import Feature
from portal.members.queries import firm_of, gives
from portal.places.queries import place_by_slug

blueprint = Blueprint("events", __name__, url_prefix="/events")

MINE = {
    RegistrationStatus.CONFIRMED: ("ok", "You are going"),
    RegistrationStatus.PENDING_PAYMENT: ("needs", "Seat held, to be paid"),
    RegistrationStatus.WAITING: ("needs", "On the waiting list"),
}


@dataclass(frozen=True)
class Row:
    """An event as `event_row` draws it."""

    event: Event
    url: str
    state: tuple[str, str] | None
    price: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.event, name)

    @property
    def kind(self) -> str:
        return self.event.kind.words

    @property
    def action(self) -> None:
        return None

    @property
    def month(self) -> str:
        return f"{self.event.local(self.event.starts_at):%B %Y}"


def reader_zone() -> str:
    return getattr(current_user, "zone", None) or association().zone


def price_words(event: Event) -> str:
    if not event.other_minor:
        return "Free"
    member = str(event.member_price) if event.member_minor else "free"
    return f"Members {member}, others {event.other_price}"


def _state(event: Event, mine: dict[int, RegistrationStatus]) -> tuple[str, str] | None:
    if event.status is EventStatus.CANCELLED:
        return "loss", "Cancelled"
    if event.id in mine:
        return MINE[mine[event.id]]
    if event.ends_at < clock.now():
        return None
    if not event.seats_left:
        return "needs", "Full: waiting list"
    words = f"{event.seats_left} seats left" if event.seats_left > 1 else "1 seat left"
    return "", words


@blueprint.get("/")
@public
def index() -> str:
    args = request.args
    text, kind, past = args.get("q", "").strip()[:100], args.get("kind", ""), "past" in args
    place = place_by_slug(args["place"]) if args.get("place") else None
    page = paginate(queries.listed(current_user, text, kind, place, past=past))
    ids = [one.id for one in page.items]
    mine = queries.states_of(current_user.id, ids) if current_user.is_authenticated else {}
    rows = [
        Row(one, url_for(".show", event_id=one.id), _state(one, mine), price_words(one))
        for one in page.items
    ]
    months = [(month, list(group)) for month, group in groupby(rows, key=lambda one: one.month)]
    chips = [
        {"text": words, "url": with_argument(name, None)}
        for name, words in (("q", text and f"“{text}”"), ("place", place and place.name),
                            ("kind", EventKind(kind).words if kind in set(EventKind) else ""))
        if words
    ]  # fmt: skip
    return render_template(
        "events/index.html", page=page, months=months, zone=reader_zone(), text=text, kind=kind,
        kinds=EventKind, place=place, places=queries.places_with_events(current_user),
        past=past, chips=chips,
    )  # fmt: skip


def _find(event_id: int) -> Event:
    query = queries.visible(current_user).where(Event.id == event_id)
    return db.session.scalar(query) or abort(404)


@blueprint.get("/<int:event_id>")
@public
def show(event_id: int) -> str:
    event = _find(event_id)
    mine = queries.states_of(current_user.id, [event.id]) if current_user.is_authenticated else {}
    firm = my_firm()
    member = is_member(firm)
    my_price = event.member_price if member else event.other_price
    return render_template(
        "events/show.html", event=event, zone=reader_zone(), body=render(event.body).html,
        price=price_words(event), mine=MINE[mine[event.id]] if event.id in mine else None,
        waiting=queries.waiting_count(event), is_open=actions.is_selling(event),
        is_member=member, my_price=my_price,
        added=queries.added_tax(event, firm) if my_price else "",
    )  # fmt: skip


def my_firm() -> Organization | None:
    return firm_of(current_user) if current_user.is_authenticated else None


def is_member(firm: Organization | None) -> bool:
    """Is the firm a member today? Its price is decided at the moment of the order."""
    return firm is not None and gives(Feature.MEMBER_PRICE, firm)


@blueprint.get("/<int:event_id>.ics")
@public
def calendar(event_id: int) -> Response:
    event = _find(event_id)
    body = calendars.calendar(event, clock.now())
    name = f"attachment; filename=event-{event.id}.ics"
    return Response(body, mimetype="text/calendar", headers={"Content-Disposition": name})


@blueprint.get("/calendar.ics")
@public
def feed() -> Response:
    """Every public event that is to come, for a calendar to follow."""
    events = db.session.scalars(queries.listed(None).limit(200)).all()
    return Response(calendars.feed(list(events), clock.now()), mimetype="text/calendar")


@blueprint.route("/<int:event_id>/register", methods=["GET", "POST"])
@public
def register(event_id: int) -> str | AnyResponse:
    event, firm = _find(event_id), my_firm()
    member = is_member(firm)
    price = event.member_price if member else event.other_price
    form = _register_form(needs_bill=bool(price) and firm is None)
    if form.validate_on_submit():
        people = [_attendee(one) for one in form.named()]
        try:
            order = actions.register(event, _buyer(form, firm), people, is_member=member)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.refuse(queries.registered(event, [one.email.lower() for one in people]))
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            return see_other(url_for(".order", token=order.token))
    return render_template(
        "events/register.html", event=event, form=form, price=price, is_member=member,
        is_open=actions.is_selling(event), zone=reader_zone(),
        added=queries.added_tax(event, firm) if price else "",
    )  # fmt: skip


def _register_form(*, needs_bill: bool) -> RegisterForm:
    """Five rows, the first of them filled with who is signed in."""
    is_stranger = not current_user.is_authenticated
    first = {} if is_stranger else {"name": current_user.display_name, "email": current_user.email}
    form = RegisterForm(is_stranger=is_stranger, needs_bill=needs_bill, data={"people": [first]})
    while len(form.people.entries) < 5:
        form.people.append_entry({})
    return form


def _buyer(form: RegisterForm, firm: Organization | None) -> Buyer:
    bill = {}
    if "billing_address" in form:
        bill = {"firm_name": form.firm_name.data or "", "address": form.billing_address.data,
                "country": form.country.data}  # fmt: skip
    if "buyer_name" in form:
        return Buyer(form.buyer_name.data, form.buyer_email.data, **bill)
    me = current_user._get_current_object()
    return Buyer(me.display_name, me.email, person=me, organization=firm, **bill)


def _attendee(one: dict[str, str]) -> Attendee:
    me = current_user._get_current_object() if current_user.is_authenticated else None
    is_me = me is not None and one["email"].lower() == me.email
    return Attendee(one["name"], one["email"], one["needs"], me if is_me else None)


@blueprint.get("/orders/<string:token>")
@public
def order(token: str) -> str:
    """What was ordered, for whoever holds the secret link that was mailed."""
    found = queries.order_by_token(token) or abort(404)
    invoices = {one.invoice.id: one.invoice for one in found.registrations if one.invoice}
    open_ones = {one.invoice_id for one in found.registrations
                 if one.status is RegistrationStatus.PENDING_PAYMENT}  # fmt: skip
    waits = [one for one in found.registrations if one.status is RegistrationStatus.WAITING]
    return render_template(
        "events/order.html", order=found, event=found.event, zone=reader_zone(), words=MINE,
        waiting={one.id: queries.position(one) for one in waits},
        first_waiting=waits[0] if waits else None,
        to_pay=[(one, pay_link(one)) for one in invoices.values() if one.id in open_ones],
        is_live=any(actions.is_live(one) for one in found.registrations),
    )  # fmt: skip


@blueprint.route("/orders/<string:token>/cancel", methods=["GET", "POST"])
@public
def cancel(token: str) -> str | AnyResponse:
    found, form = queries.order_by_token(token) or abort(404), FlaskForm()
    if form.validate_on_submit():
        actions.cancel_order(found, "by the buyer")
        db.session.commit()
        words = "The order is cancelled; everybody on it was told."
        return see_other(url_for(".order", token=token), words)
    return render_template(
        "events/cancel.html", order=found, event=found.event,
        in_time=actions.may_cancel_free(found.event),
    )  # fmt: skip
