"""Every macro of the pages, drawn: forms with all that can be wrong in them, and the rest."""

import re
from datetime import UTC, date, datetime

from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from portal.core.charts import Point, Words, bars
from portal.core.money import Money
from portal.core.web import Page
from tests.drawing import ROOT, Reader, page, show


def squeezed(html):
    return re.sub(r"[ \n]+", " ", html)


HOW = [SelectChoice("now", "At once"), SelectChoice("week", "Once a week", {"hint": "Mondays"})]


class Site(Form):
    city = StringField("City", [InputRequired("Enter a city")])


class Everything(Form):
    mail = StringField("E-mail", [InputRequired("Enter an e-mail")], description="At work.",
                       render_kw={"autocomplete": "email"})  # fmt: skip
    secret = PasswordField("Password", [Optional()])
    due_on = DateField("Due", [InputRequired("Enter a date")])
    kind = SelectField("Kind", choices={"a": "First", "b": "Second <b>"})
    how = RadioField("How", [InputRequired("Choose one")], choices=HOW)
    topics = SelectMultipleField("Topics", choices={"l": "Labour", "t": "Transport"})
    agrees = BooleanField("I agree", [InputRequired("Tick this to go on")])
    why = TextAreaField("Why", [Optional()])
    paper = FileField("Paper")
    site = FormField(Site)
    names = FieldList(StringField("Name", [InputRequired("Enter a name")]), min_entries=1)
    token = HiddenField()


def failed():
    form = Everything(formdata=None, data={"mail": "<me@here>", "kind": "b", "token": "t1"})
    form.validate()
    form.form_errors.append("The parts do not go together")
    return form


FORM = (
    '{% block main %}{% from "_components/forms.html" import form as draw %}'
    '{{ draw(form, "Send") }}{% endblock %}'
)


def draw_form(form):
    return show(page(FORM), form=form)


def test_a_whole_form_has_a_label_a_control_and_a_token_for_each_field():
    html = draw_form(Everything())
    seen = Reader(html)
    assert seen.titles == ["Parts – Linehall"]
    assert 'enctype="multipart/form-data"' in html
    assert 'name="csrf_token"' in html
    assert '<label for="mail">E-mail</label>' in html
    assert '<p class="hint" id="mail-hint">At work.</p>' in html
    assert 'autocomplete="email"' in html
    assert 'aria-describedby="mail-hint"' in html
    assert 'Password <span class="optional">(optional)</span>' in html
    assert 'type="date"' in html
    assert 'type="password"' in html
    assert 'type="file"' in html
    assert 'type="radio" id="how" name="how" value="now"' in html
    assert 'id="how-2" name="how" value="week"' in html
    assert "<small>Mondays</small>" in html
    assert 'type="checkbox" id="topics-2" name="topics" value="t"' in html
    assert "Second &lt;b&gt;" in html
    assert 'name="site-city"' in html
    assert 'name="names-0"' in html
    assert "problem" not in seen.ids


def test_what_is_wrong_is_said_above_with_links_and_again_at_each_field():
    html = draw_form(failed())
    seen = Reader(html)
    assert seen.titles == ["Error: Parts – Linehall"]
    assert "There is a problem" in html
    assert "autofocus" in html
    summary = html[html.index('class="problem"') : html.index("<form method")]
    linked = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', summary)
    assert linked == [
        ("mail", "Enter an e-mail"), ("due_on", "Enter a date"), ("how", "Choose one"),
        ("agrees", "Tick this to go on"),
        ("site-city", "Enter a city"), ("names-0", "Enter a name"),
    ]  # fmt: skip
    assert {anchor for anchor, _ in linked} <= set(seen.ids)
    assert "<li>The parts do not go together</li>" in summary
    assert "choose them again" in summary
    fields = html[html.index("<form method") :]
    for anchor, words in linked:
        assert f'id="{anchor}-error"><span class="vh">Error: </span>{words}</p>' in fields
    assert fields.count('aria-invalid="true"') == 5
    assert 'value="&lt;me@here&gt;"' in html
    assert 'name="token" value="t1"' in html


NOON = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)
EVENT = {
    "url": "/events/1", "title": "Night <transport>", "starts_at": NOON, "ends_at": NOON,
    "zone": "Asia/Manila", "kind": "Roundtable", "where": "Makati", "price": "Free",
    "state": ("ok", "Booked"), "action": ("Tickets", "/events/1"),
}  # fmt: skip
BILL = {
    "url": "/legislation/1", "title": "No Robo Bosses", "place": "California", "number": "SB 7",
    "session": "2025", "stage": "Vetoed", "latest": "Vetoed 13 Oct 2025", "next": "",
    "position": "", "is_reviewed": False,
}  # fmt: skip
PRACTICE = {
    "url": "/library/a", "title": "Price", "snippet": Markup("a <mark>vendor</mark>"),
    "kind": "Guide", "outcome": ("loss", "Went badly"), "evidence": "", "minutes": 9,
    "on": date(2026, 9, 3), "reviewed_on": None, "is_paid": True, "version": 2,
    "locked": "Members only",
}  # fmt: skip
SAMPLES = {
    "hostile": "<i>&'\"", "dues": Money(241800, "EUR"), "day": date(2026, 12, 2), "now": NOON,
    "listed": Page([], 2, 51), "chart": bars([Point("A", 1)], Words("Ages", ("Age", "N"))),
    "event": EVENT, "bill": BILL, "hit": PRACTICE,
}  # fmt: skip


def test_every_part_can_be_drawn_and_escapes_what_it_is_given():
    html = show((ROOT / "tests/components.html").read_text(), "/?a=1&page=2", **SAMPLES)
    Reader(html)
    text = squeezed(html)
    assert "<i>" not in html.replace('<i class="', "")
    assert text.count("&lt;i&gt;") == 6
    for words in (
        '<button class="quiet small" name="go" value="1">Save</button>',
        '<a class="button loss" href="/pay?a=1&amp;b=2">Pay</a>',
        '<span aria-current="page">', '<a href="?way=card" aria-current="page">Card</a>',
        'href="?a=1&amp;page=1">Previous', "Page 2 of 3", "Clear both",
        "Guide, chosen <span>1,200",
        "<dd>EUR\xa02,418.00</dd>", '<li class="now" aria-current="step">Law</li>',
        '<time datetime="2026-12-02">2\xa0Dec\xa02026</time>', ">4\xa0Dec\xa02026</time>",
        "June 2026",
        "<b>2\xa0Dec\xa02026</b>", "34 of 60 answered", '<progress value="0" max="1"',
        "01:00&nbsp;Manila (17:00&nbsp;UTC)", "yours 3\xa0Dec\xa02026, 12:00&nbsp;Kingston",
        "California · SB 7 (2025)", "No date ahead", "none taken", "a <mark>vendor</mark>",
        "The same as a table", "Go back, change nothing",
    ):  # fmt: skip
        assert words in text, words
