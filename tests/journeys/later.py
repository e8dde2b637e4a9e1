"""`python -m tests.journeys.later INVOICE DAYS`: an invoice on a kept card, as days go by.

It is told of today and again when so many days have passed, and charged then. The worker of the
running demo lives on in today, so what is said to the payer in those days is mailed from here.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal import create_app
from portal.core import clock, mail
from portal.core.config import Settings
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.demo.running import environment
from portal.dues import charging, queries
from portal.dues.models import Invoice


def live(invoice_id, days):
    firm_id = db.session.get_one(Invoice, invoice_id).organization_id
    mandate_id = queries.kept_card(firm_id).id
    today = clock.now()
    for ahead in (0, days, days):
        clock.start_at(today + timedelta(days=ahead))
        charging.look_after(invoice_id, mandate_id)
    clock.start_at(None)


def mail_what_was_said():
    ahead = OutgoingMail.queued_at > clock.now() + timedelta(days=1)
    said = select(OutgoingMail.id).where(OutgoingMail.sent_at.is_(None), ahead)
    for mail_id in db.session.scalars(said).all():
        mail.deliver(mail_id)
        db.session.commit()


if __name__ == "__main__":
    found = environment("127.0.0.1", int(os.environ["PORT"]), Path(os.environ["PORTAL_DATA"]))
    with create_app(Settings.from_environment(found)).app_context():
        live(*map(int, sys.argv[1:]))
        mail_what_was_said()
