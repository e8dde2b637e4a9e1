"""The form of an event, and that of a registration for several colleagues."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FieldList,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
)

from portal.core import clock
from portal.core.clock import ZONES
from portal.core.db import db
from portal.core.forms import PageForm, WholeNumberField
from portal.core.mail import ADDRESS
from portal.core.money import Money, parse
from portal.dues.queries.taxing import is_taxed
from portal.events.models import Audience, Event, EventFormat, EventKind
from portal.events.times import NoSuchTime, instant_of
from portal.members.words import COUNTRIES
from portal.places.models import Level, Place

LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
LONGEST = timedelta(days=60)


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


def _small(text: str | None) -> str:
    return (text or "").lower()


def an_email(_form: object, field: EmailField) -> None:
    if field.data and not ADDRESS.match(field.data):
        raise ValidationError("Enter an e-mail address, like name@firm.example")


class Needed(InputRequired):
    """Nothing was given, or nothing that can be read: one sentence for both."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None:
            field.errors[:] = []
            raise StopValidation(str(self.message))


class EventForm(PageForm):
    title = StringField(
        "Title", filters=[_strip],
        validators=[DataRequired("Give the event a title"), _at_most(140)],
    )  # fmt: skip
    kind = SelectField("Kind", choices={one.value: one.words for one in EventKind})
    summary = TextAreaField(
        "Summary", filters=[_strip],
        validators=[DataRequired("Say in a sentence what it is about"), _at_most(400)],
    )  # fmt: skip
    body = TextAreaField(
        "Programme", filters=[_strip], validators=[Optional(), _at_most(20_000)],
        render_kw={"rows": 9},
    )  # fmt: skip
    starts = DateTimeLocalField(
        "Begins", format=LOCAL, validators=[Needed("Enter day and hour of the beginning")]
    )
    ends = DateTimeLocalField(
        "Ends", format=LOCAL, validators=[Needed("Enter day and hour of the end")]
    )
    zone = SelectField("Time zone", choices=ZONES)
    second = BooleanField("If the clock shows this hour twice, the second one is meant")
    format = SelectField(
        "How",
        choices={"in_person": "In person", "online": "Online", "hybrid": "In person and online"},
    )
    venue = StringField("Venue", filters=[_strip], validators=[_at_most(200)])
    address = TextAreaField("Address", filters=[_strip], validators=[Optional(), _at_most(400)])
    place = SelectField("Country or city")
    join_url = StringField("Link for joining", filters=[_strip], validators=[_at_most(400)])
    seats = WholeNumberField(
        "Seats",
        validators=[
            Needed("Enter the number of seats, in figures"),
            NumberRange(1, 100_000, "Enter a whole number from 1 to 100,000"),
        ],
    )
    audience = SelectField(
        "Who may come", choices={"public": "Everybody", "members": "Members only"}
    )
    member_price = StringField("Price for members", filters=[_strip], default="0")
    other_price = StringField("Price for others", filters=[_strip], default="0")
    cancel_days = WholeNumberField(
        "Cancelling is free until", default=14,
        validators=[Needed("Enter a number of days, 0 for none"),
                    NumberRange(0, 365, "Enter 0 to 365 days")],
    )  # fmt: skip

    def __init__(
        self, *args: Any, currency: str, event: Event | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.event = currency, event
        wide = (Level.NATIONAL, Level.CIVIC)
        query = select(Place.id, Place.name).where(Place.level.in_(wide)).order_by(Place.name)
        names = {str(key): name for key, name in db.session.execute(query)}
        self.place.choices = {"": "None: it is everywhere", **names}

    def _money(self, field: StringField) -> Money:
        try:
            found = parse(field.data or "0", self.currency)
        except ValueError as fault:
            raise ValidationError(str(fault)) from fault
        if found.minor < 0:
            raise ValidationError("A price cannot be below zero")
        return found

    def validate_member_price(self, field: StringField) -> None:
        self._money(field)

    def validate_other_price(self, field: StringField) -> None:
        price = self._money(field)
        if not self.member_price.errors and price < self._money(self.member_price):
            raise ValidationError("Others cannot pay less than members")

    def _instant(self, field: DateTimeLocalField) -> datetime:
        if not 2000 <= field.data.year <= 2100:
            raise ValidationError("Enter a year from 2000 to 2100")
        try:
            return instant_of(field.data, self.zone.data, second=self.second.data)
        except NoSuchTime as why:
            raise ValidationError(str(why)) from why

    def validate_starts(self, field: DateTimeLocalField) -> None:
        if self.zone.data not in ZONES:
            return  # said at the zone
        found = self._instant(field)
        if found < clock.now() and not (self.event and found == self.event.starts_at):
            raise ValidationError("The beginning lies in the past")

    def validate_ends(self, field: DateTimeLocalField) -> None:
        if self.zone.data not in ZONES:
            return
        ends = self._instant(field)
        if not self.starts.data or self.starts.errors:
            return  # said at the beginning
        starts = self._instant(self.starts)
        if field.data <= self.starts.data or ends <= starts:
            raise ValidationError("The end comes after the beginning")
        if ends - starts > LONGEST:
            raise ValidationError(f"An event lasts {LONGEST.days} days at most")

    def validate_place(self, field: SelectField) -> None:
        is_paid = re.search(r"[1-9]", self.other_price.data or "")
        if is_paid and self.format.data != "online" and not field.data and is_taxed("events"):
            raise ValidationError("Choose the country or city: the fee is taxed where people meet")

    def validate_venue(self, field: StringField) -> None:
        if self.format.data != "online" and not field.data:
            raise ValidationError("Say where people meet")

    def validate_join_url(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"https?://\S+", field.data):
            raise ValidationError("Enter an address that begins with https://")
        if self.format.data == "online" and not field.data:
            raise ValidationError("Give the address at which people join")

    def facts(self) -> dict[str, Any]:
        """What `actions.make` and `actions.change` take."""
        times = (self.starts.data, self.ends.data, self.zone.data, self.second.data)
        return {
            "title": self.title.data, "kind": EventKind(self.kind.data),
            "summary": self.summary.data, "body": self.body.data or "",
            "audience": Audience(self.audience.data), "format": EventFormat(self.format.data),
            "venue": self.venue.data or "", "address": self.address.data or "",
            "place_id": int(self.place.data) if self.place.data else None,
            "join_url": self.join_url.data or "", "seats": self.seats.data,
            "member_minor": self._money(self.member_price).minor,
            "other_minor": self._money(self.other_price).minor,
            "cancel_days": self.cancel_days.data, "times": times,
        }  # fmt: skip


def as_data(event: Event) -> dict[str, Any]:
    """An event as its form shows it."""
    names = ("title", "summary", "body", "zone", "venue", "address", "join_url", "seats",
             "cancel_days")  # fmt: skip
    starts = event.local(event.starts_at)
    return {name: getattr(event, name) for name in names} | {
        "kind": event.kind.value, "audience": event.audience.value, "format": event.format.value,
        "starts": starts.replace(tzinfo=None, fold=0),
        "ends": event.local(event.ends_at).replace(tzinfo=None, fold=0),
        "second": bool(starts.fold), "place": str(event.place_id or ""),
        "member_price": f"{event.member_price.units}", "other_price": f"{event.other_price.units}",
    }  # fmt: skip


class ReasonForm(PageForm):
    reason = TextAreaField(
        "Reason, as everybody who is registered will read it", filters=[_strip],
        validators=[DataRequired("Say why"), _at_most(1000)],
    )  # fmt: skip


class AttendeeForm(Form):
    """One person; a row that is left empty is nobody."""

    name = StringField("Name", filters=[_strip], validators=[_at_most(120)])
    email = EmailField("E-mail", filters=[_strip], validators=[_at_most(254), an_email])
    needs = StringField("Food or access needs", filters=[_strip], validators=[_at_most(200)])

    def validate_name(self, field: StringField) -> None:
        if self.email.data and not field.data:
            raise ValidationError("Enter the name as well")
        if self.needs.data and not field.data:
            raise ValidationError("Enter whose needs these are")

    def validate_email(self, field: EmailField) -> None:
        if self.name.data and not field.data:
            raise ValidationError("Enter the e-mail address as well")


class RegisterForm(PageForm):
    """Up to five people at once; who buys is asked only of those who are not signed in."""

    buyer_name = StringField(
        "Your name", filters=[_strip], render_kw={"autocomplete": "name"},
        validators=[DataRequired("Enter your name"), _at_most(120)],
    )  # fmt: skip
    buyer_email = EmailField(
        "Your e-mail address", filters=[_strip], render_kw={"autocomplete": "email"},
        validators=[DataRequired("Enter your e-mail address"), _at_most(254), an_email],
    )  # fmt: skip
    firm_name = StringField(
        "Your firm, if it pays", filters=[_strip], render_kw={"autocomplete": "organization"},
        validators=[Optional(), _at_most(200)],
    )  # fmt: skip
    billing_address = TextAreaField(
        "Address for the invoice", filters=[_strip],
        render_kw={"autocomplete": "street-address", "rows": 3},
        validators=[DataRequired("Enter the address for the invoice"), _at_most(400)],
    )  # fmt: skip
    country = SelectField(
        "Country of the address", choices={"": "Choose", **COUNTRIES},
        validators=[DataRequired("Choose the country of the address")],
    )  # fmt: skip
    people = FieldList(FormField(AttendeeForm), label="Who comes", min_entries=1, max_entries=5)

    def __init__(self, *args: Any, is_stranger: bool, needs_bill: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_stranger:
            del self.buyer_name, self.buyer_email
        if not needs_bill:
            del self.firm_name, self.billing_address, self.country

    def validate_people(self, field: FieldList) -> None:
        named = [one.form for one in field.entries if one.form.name.data or one.form.email.data]
        if not named:
            raise ValidationError("Enter at least one person")
        seen: set[str] = set()
        for one in named:
            if _small(one.email.data) in seen and not one.errors:
                raise ValidationError("Each person needs an address of their own")
            seen.add(_small(one.email.data))

    def refuse(self, emails: set[str]) -> None:
        """Say at each of these addresses that it is registered already."""
        for one in self.people.entries:
            if _small(one.form.email.data) in emails:
                one.form.email.errors = ["This address is registered already: leave it out"]
        self.people.errors = [one.errors for one in self.people.entries]

    def named(self) -> list[dict[str, str]]:
        return [
            {"name": one.name.data, "email": one.email.data, "needs": one.needs.data or ""}
            for one in (entry.form for entry in self.people.entries) if one.name.data
        ]  # fmt: skip
