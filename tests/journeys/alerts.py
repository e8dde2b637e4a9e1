"""`python -m tests.journeys.alerts ADDRESS DAY...`: saved searches looked at as days go by.

Each day counts from today, and may come twice. Prints the subjects of all that was ever queued
for ADDRESS about saved searches: it is certain at once, while mail takes its time to arrive.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal import create_app
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.demo.running import environment
from portal.home.jobs import tell_news_of_searches
from tests.journeys.later import mail_what_was_said


def live(days):
    today = clock.now()
    for ahead in days:
        clock.start_at(today + timedelta(days=ahead))
        tell_news_of_searches()
    clock.start_at(None)


def told(address):
    of_searches = OutgoingMail.template == "home/saved_search"
    query = select(OutgoingMail.subject).where(of_searches, OutgoingMail.recipient == address)
    return db.session.scalars(query.order_by(OutgoingMail.id)).all()


if __name__ == "__main__":
    found = environment("127.0.0.1", int(os.environ["PORT"]), Path(os.environ["PORTAL_DATA"]))
    with create_app(Settings.from_environment(found)).app_context():
        live(map(int, sys.argv[2:]))
        sys.stdout.write("\n".join(told(sys.argv[1])))
        mail_what_was_said()
