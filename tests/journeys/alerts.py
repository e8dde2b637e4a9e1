"""`python -m tests.journeys.alerts ADDRESS DAYS...`: saved searches looked at as days go by.

DAYS are some, with commas; each counts from today, and may come twice. After each of the DAYS a
line of JSON: the subjects of all that was ever queued for ADDRESS about saved searches. That is
certain at once, while mail takes its time to arrive.
"""

import json
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
        for days in sys.argv[2:]:
            live(map(int, days.split(",")))
            sys.stdout.write(json.dumps(told(sys.argv[1])) + "\n")
        mail_what_was_said()
