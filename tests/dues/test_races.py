"""Many at once: threads through the real views, processes on the real database."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from sqlalchemy import select

from portal.core import jobs
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, cards, money_back, queries
from portal.dues.models import (
    Invoice,
    Payment,
    PaymentAttempt,
    Refund,
    RefundStatus,
    StripeEvent,
)
from portal.members.models import Decision
from tests.browser import Browser
from tests.dues.books import deliver, event, make_invoice
from tests.make import make_firm, make_person

ROOT = Path(__file__).parents[2]


def at_once(app, count, act):
    """The answers of `count` calls of `act`, each in a thread and a session of its own."""

    def alone(n):
        with app.app_context():
            return act(n)

    db.session.commit()
    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(alone, range(count)))


def adopted_at_once(app, adopt, decision_id):
    """What each of four is told who adopt by one decision: "" where it held."""

    def alone(_n):
        try:
            adopt(db.session.get_one(Decision, decision_id))
            db.session.commit()
        except Refused as why:
            db.session.rollback()
            return str(why)
        return ""

    said = sorted(at_once(app, 4, alone))
    db.session.expire_all()
    return said


def payments():
    db.session.expire_all()
    return db.session.scalars(select(Payment)).all()


def receipts():
    query = select(OutgoingMail).where(OutgoingMail.template == "dues/received")
    return db.session.scalars(query).all()


def test_a_hundred_copies_of_one_message_are_one_payment(app, stripe):
    invoice = make_invoice()
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    body = event(object_id=db.session.scalars(select(PaymentAttempt.session_id)).one())
    statuses = at_once(app, 100, lambda _n: deliver(Browser(app.test_client()), body))
    assert set(statuses) == {204}
    at_once(app, 4, lambda _n: jobs.work())
    assert len(payments()) == len(receipts()) == 1
    assert len(db.session.scalars(select(StripeEvent)).all()) == 1
    assert list(queries.ledger_faults()) == []


def test_the_webhook_and_the_return_page_together_book_once(app, stripe):
    invoice = make_invoice()
    url = f"/pay/{actions.pay_link(invoice).token}"
    db.session.commit()
    stripe.pay(cards.start(invoice.id, url))
    session_id = db.session.scalars(select(PaymentAttempt.session_id)).one()

    def either(n):
        client = Browser(app.test_client())
        if n % 2:
            return client.send("GET", f"{url}/return").status_code
        deliver(client, event(object_id=session_id, event_id=f"evt_{n}"))
        jobs.work()
        return 303

    assert set(at_once(app, 8, either)) == {303}
    jobs.work()
    assert len(payments()) == len(receipts()) == 1


def test_a_double_click_makes_one_attempt_and_leads_to_one_page(app, stripe):
    invoice_id = make_invoice().id
    urls = at_once(app, 6, lambda _n: cards.start(invoice_id, "/pay/x"))
    assert len(set(urls)) == 1
    assert len(db.session.scalars(select(PaymentAttempt)).all()) == 1
    assert len(stripe.state()["checkout.session"]) == 1


def test_two_transfers_at_once_lose_none(app):
    invoice = make_invoice(total=1000)
    invoice_id, money, day = invoice.id, invoice.total.share(1, 4), invoice.issued_on

    def record(_n):
        actions.record_transfer(db.session.get_one(Invoice, invoice_id), money, day)
        db.session.commit()

    at_once(app, 4, record)
    assert not queries.balance(db.session.get_one(Invoice, invoice_id))
    assert sorted(part.minor for _one, part in queries.payments_of(invoice)) == [250] * 4


def test_two_staff_sending_the_same_money_back_at_once_is_one_refund(app):
    payment = payment_left(1000)
    url, seen = f"/staff/dues/payments/{payment.id}/refund", str(queries.postings_of(payment))
    form = {"amount": "4.00", "method": "bank", "reason": "Too much", "seen": seen}
    staff = [Browser(app.test_client()) for _ in range(4)]
    for one in staff:
        one.sign_in(make_person("finance"))
        one.get(url)

    def press(n):
        data = form | {"csrf_token": staff[n].token}
        return staff[n].send("POST", url, data=data).status_code

    assert sorted(at_once(app, 4, press)) == [200, 200, 200, 303]
    assert [one.amount_minor for one in db.session.scalars(select(Refund))] == [400]
    assert list(queries.ledger_faults()) == []


def test_two_staff_and_two_workers_send_a_card_s_money_back_once(app, stripe):
    invoice = make_invoice(total=1000)
    stripe.pay(cards.start(invoice.id, "/pay/x"))
    cards.look(queries.last_attempt(invoice.id).id)
    actions.credit(invoice, "Withdrawn")
    (payment,) = payments()
    url = f"/staff/dues/payments/{payment.id}/refund"
    form = {"amount": "10.00", "method": "card", "reason": "Withdrawn"}
    form["seen"] = str(queries.postings_of(payment))
    staff = [Browser(app.test_client()) for _ in range(2)]
    for one in staff:
        one.sign_in(make_person("finance"))
        one.get(url)

    def press(n):
        data = form | {"csrf_token": staff[n].token}
        return staff[n].send("POST", url, data=data).status_code

    assert sorted(at_once(app, 2, press)) == [200, 303]
    (refund_id,) = db.session.scalars(select(Refund.id))
    at_once(app, 4, lambda n: jobs.work() if n % 2 else money_back.send(refund_id))
    (sent,) = stripe.state()["refund"]
    assert sent["amount"] == 1000
    db.session.expire_all()
    assert db.session.get_one(Refund, refund_id).status is RefundStatus.SUCCEEDED
    assert list(queries.ledger_faults()) == []


def test_many_refunds_at_once_send_no_more_than_came(app):
    payment_id = payment_left(1000).id

    def send(n):
        payment = db.session.get_one(Payment, payment_id)
        try:
            actions.request_refund(payment, Money(400, "EUR"), actions.Sending(f"Try {n}"))
            db.session.commit()
        except Refused:
            db.session.rollback()
            return "refused"
        return "sent"

    assert sorted(at_once(app, 4, send)) == ["refused", "refused", "sent", "sent"]
    assert queries.unallocated_of(db.session.get_one(Payment, payment_id)) == 200
    assert list(queries.ledger_faults()) == []


def payment_left(minor):
    day, signed = date(2026, 1, 5), make_person("finance")
    arrived = actions.Arrival(Money(minor, "EUR"), day, make_firm().id, by=signed)
    payment = actions.receive(arrived, [])
    db.session.commit()
    return payment


PROGRAM = """
import sys
from pathlib import Path
from sqlalchemy import event
from portal import create_app
from portal.core.config import Settings
from portal.core.db import db
from tests.dues.books import make_invoice
settings = Settings(
    secret_key="t" * 32, site_url="http://portal.test", data=Path(sys.argv[2]),
    database_url=sys.argv[1], testing=True,
)
def be_patient(connection, _record):
    connection.execute("PRAGMA busy_timeout = 200000")  # SQLite's next writer is any of them
with create_app(settings).app_context():
    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "connect", be_patient)
    for n in range(8):
        make_invoice(firm=False)
        if n % 4 == 3:  # a claim that is given up takes no number
            try:
                make_invoice(firm=False, tax_percent="1/0")
            except ZeroDivisionError:
                db.session.rollback()
"""


def test_eight_processes_leave_no_gap_in_the_numbers(settings, tmp_path):
    command = [sys.executable, "-c", PROGRAM, settings.database_url, str(tmp_path)]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        for _ in range(8)
    ]
    assert [one.wait(timeout=240) for one in running] == [0] * 8
    numbers = sorted(db.session.scalars(select(Invoice.sequence)))
    assert numbers == list(range(1, 65))
    assert list(queries.ledger_faults()) == []
