"""What the night does for each firm, and that it stays little."""

import os
import signal
from datetime import date
from itertools import count
from multiprocessing import get_context

from sqlalchemy import event

from portal.core import audit, clock
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.dues.models import Closing, Invoice
from portal.dues.queries import ledger_faults
from portal.notices.models import Notice
from portal.renewals.jobs import TOGETHER, look_after_memberships
from portal.renewals.models import Renewal
from tests.dues.books import KSF, book, make_tariff
from tests.make import save
from tests.renewals.making import adopt, make_life

MOST_STATEMENTS = 28  # to open the window of a firm, invoice it and write to it


def by_revenue():
    rule = {
        "kind": "bands", "classes": ["provider_front"], "metric": "revenue",
        "rounding": "half_up", "bands": KSF,
    }  # fmt: skip
    return make_tariff(book=book(rule))


def test_a_firm_without_a_price_is_asked_all_the_same_and_not_invoiced(at):
    at(2026, 11, 25, 9)
    term = make_life(headcount=40, tariff=by_revenue())
    look_after_memberships()
    made = db.session.query(Renewal).one()
    assert (made.term_id, made.invoice_id, made.seats) == (term.id, None, None)
    assert db.session.query(Notice).filter_by(key=f"renewal:{term.id}:opened").count() == 1
    look_after_memberships()
    assert [one.template for one in db.session.query(OutgoingMail)] == ["renewals/opened"]


def test_each_firm_costs_the_night_a_few_statements(at, statements):
    at(2026, 11, 25, 9)
    tariff = adopt()
    make_life(tariff=tariff, billing_email="one@test.example")
    look_after_memberships()
    for number in range(4):
        make_life(tariff=tariff, billing_email=f"firm{number}@test.example")
    statements.clear()
    look_after_memberships()
    assert db.session.query(Renewal).filter(Renewal.invoice_id.is_not(None)).count() == 5
    assert len(statements) / 4 <= MOST_STATEMENTS


def mass(firms):
    """So many firms whose next term is to be invoiced on the same night."""
    tariff = adopt()
    for number in range(firms):
        make_life(tariff=tariff, billing_email=f"f{number}@test.example")
    db.session.commit()


def counts():
    mails = db.session.query(OutgoingMail)
    each = [mails.filter_by(template=one).count() for one in ("renewals/opened", "dues/issued")]
    return [db.session.query(Renewal).count(), db.session.query(Invoice).count(), *each]


def dies_at_invoice(app, number):
    """A night in a process that is killed while it issues its n-th invoice."""
    issued = count(1)

    def look(_connection, _cursor, statement, *_more):
        if statement.startswith("INSERT INTO invoices") and next(issued) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    db.engine.dispose(close=False)  # the parent goes on with its connections
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", look)
        look_after_memberships()


def test_a_night_that_is_killed_repeats_nothing_and_loses_nothing(app, at):
    at(2026, 11, 25, 9)
    firms = TOGETHER * 2 + 5
    mass(firms)
    killed = get_context("fork").Process(target=dies_at_invoice, args=[app, TOGETHER + 7])
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert counts() == [TOGETHER] * 4
    look_after_memberships()
    assert counts() == [firms] * 4
    numbers = [one.sequence for one in db.session.query(Invoice)]
    assert sorted(numbers) == list(range(1, firms + 1))
    assert list(ledger_faults()) == list(audit.broken_links()) == []


def test_what_cannot_be_done_stays_and_holds_up_nothing(at):
    at(2026, 11, 25, 9)
    tariff = adopt()
    make_life(tariff=tariff)  # is to be invoiced on a day of which the books are closed
    days = {"start": date(2026, 1, 26), "end": date(2027, 1, 25)}
    early = [make_life(tariff=tariff, **days) for _ in range(3)]
    save(Closing(id=1, until_on=date(2026, 11, 25), changed_at=clock.now(), reason="Checked"))
    look_after_memberships()
    assert db.session.query(Invoice).count() == 0
    assert {one.term_id for one in db.session.query(Renewal)} == {one.id for one in early}
    assert list(audit.broken_links()) == []
