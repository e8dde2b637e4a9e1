"""The form that gives a seat."""

from wtforms import EmailField, SelectField
from wtforms.validators import DataRequired, Length

from portal.committees.models import SeatRole
from portal.core.forms import PageForm


class SeatForm(PageForm):
    email = EmailField(
        "E-mail address of the person",
        validators=[
            DataRequired("Enter the address they sign in with"),
            Length(max=254, message="Use 254 characters or fewer"),
        ],
    )
    role = SelectField(
        "Seat", choices={one.value: one.value.replace("_", " ") for one in SeatRole}
    )
