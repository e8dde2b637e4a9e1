"""What every form does with what is typed."""

from datetime import timedelta

import pytest
from wtforms import DateField, DateTimeLocalField, TextAreaField
from wtforms.validators import Optional

from portal.core.forms import PageForm


class Letter(PageForm):
    text = TextAreaField("Text", filters=[lambda text: text and text.strip()])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("One\r\n\r\ntwo\r\n", "One\n\ntwo"), ("One\ntwo", "One\ntwo"), ("", "")],
)
def test_lines_end_by_one_character_whatever_the_browser_sends(app, typed, kept):
    with app.test_request_context(method="POST", data={"text": typed}):
        assert Letter().text.data == kept


def test_what_was_never_sent_is_none(app):
    with app.test_request_context():
        assert Letter().text.data is None


class Meeting(PageForm):
    on = DateField("On", validators=[Optional()])
    at = DateTimeLocalField("At", validators=[Optional()])

    def validate_on(self, field):
        assert field.data + timedelta(days=3660) > field.data  # what a page goes on to reckon


@pytest.mark.parametrize("odd", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_nobody_reckons_with_is_refused_at_its_field(app, odd):
    with app.test_request_context(method="POST", data={"on": odd, "at": f"{odd}T10:00"}):
        form = Meeting(meta={"csrf": False})
        assert not form.validate()
        words = ["Enter a day from 1900-01-01 to 2199-12-31"]
        assert form.errors == {"on": words, "at": words}
        assert form.on.data.isoformat() == odd


@pytest.mark.parametrize("usual", ["", "1900-01-01", "2028-02-29", "2199-12-31"])
def test_every_other_day_and_none_is_taken(app, usual):
    sent = {"on": usual, "at": f"{usual}T10:00" if usual else ""}
    with app.test_request_context(method="POST", data=sent):
        assert Meeting(meta={"csrf": False}).validate()
