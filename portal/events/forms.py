"""The form of an event, and that of a registration for several colleagues."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FieldList,
    FormField,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.core.db import db
from portal.core.money import Money, parse
from portal.events.models import Audience, EventFormat, EventKind
from portal.places.models import Level, Place

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and "Etc" not in zone)


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _at_most(size: int) -> Length:
    return Length(max=size, message=f"Use {size:,} characters or fewer")


def an_email(_form: object, field: EmailField) -> None:
    if field.data and not EMAIL.fullmatch(field.data):
        raise ValidationError("Enter an e-mail address, like name@firm.example")


class EventForm(FlaskForm):
    title = StringField(
        "Title", filters=[_strip],
        validators=[InputRequired("Give the event a title"), _at_most(140)],
    )  # fmt: skip
    kind = SelectField("Kind", choices={one.value: one.words for one in EventKind})
    summary = TextAreaField(
        "Summary", filters=[_strip],
        validators=[InputRequired("Say in a sentence what it is about"), _at_most(400)],
    )  # fmt: skip
    body = TextAreaField("Programme", filters=[_strip], validators=[Optional(), _at_most(20_000)])
    starts = DateTimeLocalField(
        "Begins", format=LOCAL, validators=[InputRequired("Enter day and hour of the beginning")]
    )
    ends = DateTimeLocalField(
        "Ends", format=LOCAL, validators=[InputRequired("Enter day and hour of the end")]
    )
    zone = SelectField("Time zone", choices={zone: zone.replace("_", " ") for zone in ZONES})
    second = BooleanField("If the clock shows this hour twice, the second one is meant")
    format = SelectField(
        "How",
        choices={"in_person": "In person", "online": "Online", "hybrid": "In person and online"},
    )
    venue = StringField("Venue", filters=[_strip], validators=[Optional(), _at_most(200)])
    address = TextAreaField("Address", filters=[_strip], validators=[Optional(), _at_most(400)])
    place = SelectField("Country or city")
    join_url = StringField("Link for joining", filters=[_strip], validators=[Optional(), _at_most(400)])
    seats = IntegerField(
        "Seats",
        validators=[
            InputRequired("Enter the number of seats"),
            NumberRange(1, 100_000, "Enter a whole number from 1 to 100,000"),
        ],
    )
    audience = SelectField("Who may come", choices={"public": "Everybody", "members": "Members only"})
    member_price = StringField("Price for members", filters=[_strip], default="0")
    other_price = StringField("Price for others", filters=[_strip], default="0")
    cancel_days = IntegerField(
        "Days before the beginning until which cancelling costs nothing", default=14,
        validators=[InputRequired("Enter a number of days, 0 for none"), NumberRange(0, 365, "Enter 0 to 365 days")],
    )  # fmt: skip

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        rows = db.session.execute(
            select(Place.id, Place.name)
            .where(Place.level.in_([Level.NATIONAL, Level.CIVIC]))
            .order_by(Place.name)
        )
        self.place.choices = {"": "None: it is everywhere", **{str(key): name for key, name in rows}}

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
        if self._money(field) < self._money(self.member_price):
            raise ValidationError("Others cannot pay less than members")

    def validate_ends(self, field: DateTimeLocalField) -> None:
        if self.starts.data and field.data and field.data <= self.starts.data:
            raise ValidationError("The end comes after the beginning")

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


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        "Reason, as everybody who is registered will read it", filters=[_strip],
        validators=[InputRequired("Say why"), _at_most(1000)],
    )  # fmt: skip


class AttendeeForm(Form):
    """One person; a row that is left empty is nobody."""

    name = StringField("Name", filters=[_strip], validators=[_at_most(120)])
    email = EmailField("E-mail", filters=[_strip], validators=[_at_most(254), an_email])
    needs = StringField("Access or food needs", filters=[_strip], validators=[Optional(), _at_most(200)])

    def validate_name(self, field: StringField) -> None:
        if self.email.data and not field.data:
            raise ValidationError("Enter the name as well")

    def validate_email(self, field: EmailField) -> None:
        if self.name.data and not field.data:
            raise ValidationError("Enter the e-mail address as well")


class RegisterForm(FlaskForm):
    """Up to five people at once; who buys is asked only of those who are not signed in."""

    buyer_name = StringField("Your name", filters=[_strip], validators=[Optional(), _at_most(120)],
                             render_kw={"autocomplete": "name"})  # fmt: skip
    buyer_email = EmailField("Your e-mail address", filters=[_strip], render_kw={"autocomplete": "email"},
                             validators=[Optional(), _at_most(254), an_email])  # fmt: skip
    firm_name = StringField("Your firm", filters=[_strip], validators=[Optional(), _at_most(200)],
                            render_kw={"autocomplete": "organization"})  # fmt: skip
    billing_address = TextAreaField("Address for the invoice", filters=[_strip],
                                    validators=[Optional(), _at_most(400)])  # fmt: skip
    people = FieldList(FormField(AttendeeForm), label="Who comes", min_entries=1, max_entries=5)

    def __init__(self, *args: Any, is_stranger: bool, is_priced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_stranger, self.is_priced = is_stranger, is_priced
        if not is_stranger:
            del self.buyer_name, self.buyer_email
        if not (is_stranger and is_priced):
            del self.firm_name, self.billing_address

    def validate_people(self, field: FieldList) -> None:
        named = [one.form for one in field.entries if one.form.name.data or one.form.email.data]
        if not named:
            raise ValidationError("Enter at least one person")
        mails = [(one.email.data or "").lower() for one in named]
        if len(set(mails)) < len(mails):
            raise ValidationError("Each person needs an address of their own")

    def validate(self, extra_validators: Any = None) -> bool:
        """A stranger says who they are: the tickets and the invoice go there."""
        is_right = super().validate(extra_validators)
        if self.is_stranger:
            for field, words in ((self.buyer_name, "name"), (self.buyer_email, "e-mail address")):
                if not field.data:
                    field.errors = [f"Enter your {words}"]
                    is_right = False
        return is_right

    def named(self) -> list[dict[str, str]]:
        return [
            {"name": one.form.name.data, "email": one.form.email.data, "needs": one.form.needs.data or ""}
            for one in self.people.entries
            if one.form.name.data
        ]
