"""One process of buyers: an app of its own, many threads, one moment at which all of them ask."""

import threading
from concurrent.futures import ThreadPoolExecutor

from portal import create_app
from portal.core.db import db
from tests.browser import Browser

THREADS = 10  # at a time; PostgreSQL lets a hundred in


def register(settings, event_id, numbers, starts_together):
    """Each number fills in the form and, when all processes are ready, sends it: the answers."""
    app = create_app(settings)
    ready = threading.Barrier(THREADS, action=starts_together.wait)
    url = f"/events/{event_id}/register"

    def buy(number):
        with app.app_context():
            browser = Browser(app.test_client())
            browser.get(url)
            first = number < numbers[0] + THREADS
            if first:
                ready.wait(timeout=240)
            email = f"buyer{number}@firm.example"
            form = {
                "csrf_token": browser.token, "buyer_name": f"Buyer {number}", "buyer_email": email,
                "people-0-name": f"Buyer {number}", "people-0-email": email,
            }  # fmt: skip
            answer = browser.send("POST", url, data=form)
            page = browser.get(answer.location) if answer.status_code == 303 else answer.text
            return answer.status_code, page

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        answers = list(pool.map(buy, numbers))
    with app.app_context():
        db.engine.dispose()
    return answers
