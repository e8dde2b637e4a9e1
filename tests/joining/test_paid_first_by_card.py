"""What an applicant paid first by card, and how it goes back when nothing comes of it."""

from portal.association.models import Association
from portal.core import jobs
from portal.core.db import db
from portal.dues.models import Refund, RefundStatus
from tests.dues.books import book, flat, make_tariff
from tests.dues.test_refunds import paid_by_card
from tests.joining.applying import again, make_application
from tests.joining.test_paying_first import decline, left, subjects
from tests.make import make_person


def paid_one(stripe):
    """Of EUR 500.00, paid, and being read."""
    make_tariff(book=book(flat(50000), proration="none"))
    made = make_application(pays_first=True, upto="awaiting_payment")
    paid_by_card(stripe, made.invoice)
    db.session.commit()
    made = again(made)
    assert made.status.value == "under_review"
    return made


def test_what_was_paid_by_card_goes_back_to_the_card_by_itself(stripe, sent):
    made = paid_one(stripe)
    decline(made)
    db.session.commit()
    jobs.work()
    refund = db.session.query(Refund).one()
    assert (refund.amount_minor, refund.status) == (50000, RefundStatus.SUCCEEDED)
    assert left(made) == []
    assert not [one for one in subjects(sent()) if "To send back" in one[1]]


def test_what_two_people_have_to_agree_on_waits_for_them(stripe, sent):
    db.session.get(Association, 1).approval_above_minor = 40000
    make_person("finance", email="cash@test.example")
    made = paid_one(stripe)
    decline(made)
    db.session.commit()
    assert not db.session.query(Refund).count()
    assert left(made) == [50000]
    assert [to for to, subject in subjects(sent()) if "To send back" in subject] == [
        "cash@test.example"
    ]
