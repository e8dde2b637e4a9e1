from datetime import date

import pytest

from portal.core.audit import Transition, name_of
from portal.core.db import db
from portal.core.states import Refused
from portal.joining import actions
from portal.joining.models import ApplicationStatus
from portal.joining.queries import working_days_after, working_days_between
from tests.joining.applying import STEPS, again, make_application
from tests.make import make_person

STATES = ["draft", *STEPS]
EVENTS = {
    "submit": actions.submit,
    "take": actions.take,
    "ask": lambda made: actions.ask(made, "Who owns it?"),
    "answer": lambda made: actions.reply(made, "We do."),
    "approve": lambda made: actions.approve(made, make_person()),
    "decline": lambda made: actions.decline(made, "rules", "It did not accept.", make_person()),
    "appeal": lambda made: actions.appeal(made, "It did accept."),
    "uphold": lambda made: actions.uphold(made, "It is as it was.", make_person()),
    "overturn": lambda made: actions.overturn(made, make_person()),
    "withdraw": actions.withdraw,
    "expire": lambda made: actions.expire(made, "Time ran out"),
}
LEGAL = {
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("draft", "expire"): "expired",
    ("submitted", "take"): "under_review",
    ("submitted", "ask"): "needs_information",
    ("submitted", "withdraw"): "withdrawn",
    ("under_review", "ask"): "needs_information",
    ("under_review", "approve"): "awaiting_payment",
    ("under_review", "decline"): "declined",
    ("under_review", "withdraw"): "withdrawn",
    ("declined", "appeal"): "appealed",
    ("appealed", "uphold"): "declined_final",
    ("appealed", "overturn"): "awaiting_payment",
    ("needs_information", "answer"): "under_review",
    ("needs_information", "withdraw"): "withdrawn",
    ("needs_information", "expire"): "expired",
    ("awaiting_payment", "withdraw"): "withdrawn",
    ("awaiting_payment", "expire"): "expired",
}


@pytest.mark.parametrize("state", STATES)
def test_from_each_state_only_the_legal_events_move_an_application(state):
    for event, act in EVENTS.items():
        number = f"{state} {event}"
        made = make_application(
            email=f"{event}@firm.example", upto=state, registration_no=number, name=number
        )
        assert made.status.value == state
        expected = LEGAL.get((state, event))
        if expected:
            act(made)
            db.session.commit()
            assert again(made).status.value == expected, (state, event)
        else:
            with pytest.raises(Refused, match=r"^This is .* and cannot become .*\.$|^Answer"):
                act(made)
            db.session.rollback()
            assert again(made).status.value == state, (state, event)


def test_every_status_is_reached_and_the_final_ones_have_no_way_on():
    assert {*STATES, "approved"} == {one.value for one in ApplicationStatus}
    final = {one for one in ApplicationStatus if not ApplicationStatus.moves().get(one)}
    assert final == {"activated", "declined_final", "withdrawn", "expired"}


def test_each_move_keeps_who_when_and_why():
    made = make_application(upto="declined")
    query = db.session.query(Transition).filter_by(subject=name_of(made))
    rows = query.order_by(Transition.id).all()
    assert [(one.old, one.new) for one in rows] == [
        ("draft", "submitted"), ("submitted", "under_review"), ("under_review", "declined"),
    ]  # fmt: skip
    assert rows[-1].reason == "rules: It did not accept."


DAYS = [
    (date(2026, 11, 20), 1, date(2026, 11, 23)),  # from a Friday
    (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday
    (date(2026, 11, 22), 15, date(2026, 12, 11)),
    (date(2026, 11, 23), 5, date(2026, 11, 30)),
    (date(2026, 11, 23), 0, date(2026, 11, 23)),
]


@pytest.mark.parametrize(("start", "days", "end"), DAYS)
def test_saturdays_and_sundays_are_no_working_days(start, days, end):
    assert working_days_after(start, days) == end
    assert working_days_between(start, end) == days


def test_no_working_days_lie_before_a_day_that_has_passed():
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == 0
