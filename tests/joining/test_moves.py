from datetime import date

import pytest

from portal.association.queries import association
from portal.core import working_days
from portal.core.audit import Transition, name_of
from portal.core.db import db
from portal.core.states import Refused
from portal.joining import actions
from portal.joining.models import ApplicationStatus
from tests.joining.applying import PAID_FIRST, STEPS, again, make_application, pay
from tests.make import make_person

EVENTS = {
    "submit": actions.submit,
    "take": actions.take,
    "ask": lambda made: actions.ask(made, "Who owns it?"),
    "answer": lambda made: actions.reply(made, "We do."),
    "pay": lambda made: pay(made) if made.invoice else None,
    "approve": lambda made: actions.approve(made, make_person()),
    "decline": lambda made: actions.decline(made, "rules", "It did not accept.", make_person()),
    "appeal": lambda made: actions.appeal(made, "It did accept."),
    "uphold": lambda made: actions.uphold(made, "It is as it was.", make_person()),
    "overturn": lambda made: actions.overturn(made, make_person()),
    "withdraw": actions.withdraw,
    "expire": lambda made: actions.expire(made, "Time ran out"),
}
ALIKE = {
    ("draft", "withdraw"): "withdrawn",
    ("draft", "expire"): "expired",
    ("under_review", "ask"): "needs_information",
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
DECIDED_FIRST = ALIKE | {
    ("draft", "submit"): "submitted",
    ("submitted", "take"): "under_review",
    ("submitted", "ask"): "needs_information",
    ("submitted", "withdraw"): "withdrawn",
    ("under_review", "approve"): "awaiting_payment",
    ("awaiting_payment", "pay"): "activated",
}
PAYS_FIRST = ALIKE | {
    ("draft", "submit"): "awaiting_payment",
    ("awaiting_payment", "pay"): "under_review",
    ("under_review", "approve"): "activated",
    ("owes_again", "pay"): "activated",
    ("owes_again", "withdraw"): "withdrawn",
    ("owes_again", "expire"): "expired",
}


MOVES = {False: DECIDED_FIRST, True: PAYS_FIRST}
STATES = [(state, False) for state in ["draft", *STEPS]]
STATES += [(state, True) for state in ["draft", *PAID_FIRST]]


def status_before(state):
    return "awaiting_payment" if state == "owes_again" else state


def moved(state, pays_first):
    """The events that are legal in a state; and money, which is an error in none."""
    return {event: MOVES[pays_first].get((state, event)) for event in EVENTS
            if event == "pay" or (state, event) in MOVES[pays_first]}  # fmt: skip


CELLS = [(*place, event, after) for place in STATES for event, after in moved(*place).items()]


@pytest.mark.parametrize(("state", "pays_first", "event", "after"), CELLS)
def test_an_application_moves_by_the_legal_events(state, pays_first, event, after):
    """Money that moves nothing leaves it where it was."""
    made = make_application(upto=state, pays_first=pays_first)
    assert made.status.value == status_before(state)
    EVENTS[event](made)
    db.session.commit()
    assert again(made).status.value == (after or status_before(state))


@pytest.mark.parametrize(("state", "pays_first"), STATES)
def test_an_application_moves_by_no_other_event(state, pays_first):
    made = make_application(upto=state, pays_first=pays_first)
    others = set(EVENTS) - set(moved(state, pays_first))
    assert others
    for event in sorted(others):
        with pytest.raises(Refused, match=r"^This is .* and cannot become .*\.$|^Answer"):
            EVENTS[event](made)
        db.session.rollback()
        assert again(made).status.value == status_before(state)


def test_every_status_is_reached_and_the_final_ones_have_no_way_on():
    assert {"draft", *STEPS, "approved"} == {one.value for one in ApplicationStatus}
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
    assert working_days.after(start, days) == end
    assert working_days.between(start, end) == days


def test_we_answer_within_working_days_that_leave_holidays_out(at):
    at(2026, 12, 17, 9)  # Christmas and New Year's Day are Fridays
    made = make_application(upto="submitted")
    assert working_days.between(date(2026, 12, 17), date(2027, 1, 11)) == 15
    assert (association().decision_days, made.deadline_on) == (15, date(2027, 1, 11))


def test_no_working_days_lie_before_a_day_that_has_passed():
    assert working_days.between(date(2026, 11, 23), date(2026, 11, 20)) == 0
