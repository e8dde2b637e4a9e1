"""What every form does with what is typed."""

import pytest
from wtforms import TextAreaField

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
