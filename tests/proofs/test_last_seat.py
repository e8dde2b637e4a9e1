"""The last seat: two hundred buyers in eight processes, one seat, on the real database."""

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.events import queries
from portal.events.models import Event, Registration, RegistrationStatus
from tests.events.making import FREE, make_event
from tests.proofs.buyers import register

BUYERS, PROCESSES = 200, 8


@pytest.mark.slow
def test_the_last_seat_is_sold_exactly_once_and_the_rest_wait_in_order(settings):
    event = make_event(**FREE, seats=1)
    event_id = event.id
    db.session.commit()
    each = BUYERS // PROCESSES
    with ExitStack() as stack:
        spawn = multiprocessing.get_context("spawn")
        together = stack.enter_context(spawn.Manager()).Barrier(PROCESSES, timeout=240)
        pool = stack.enter_context(ProcessPoolExecutor(PROCESSES, mp_context=spawn))
        running = [
            pool.submit(register, settings, event_id, range(n * each, (n + 1) * each), together)
            for n in range(PROCESSES)
        ]
        answers = [one for process in running for one in process.result(timeout=240)]
    db.session.expire_all()

    assert [status for status, _page in answers] == [303] * BUYERS
    rows = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert [one.status for one in rows] == [
        RegistrationStatus.CONFIRMED, *[RegistrationStatus.WAITING] * (BUYERS - 1)
    ]  # fmt: skip
    assert db.session.get(Event, event_id).seats_used == 1
    assert [queries.position(one) for one in rows[1:]] == list(range(1, BUYERS))
    assert [one.made_at for one in rows] == sorted(one.made_at for one in rows)

    pages = [page for _status, page in answers]
    assert sum("Confirmed" in page for page in pages) == 1
    assert sum("The last seat went on" in page for page in pages) == BUYERS - 1
    told = db.session.scalars(
        select(OutgoingMail).where(OutgoingMail.template == "events/waiting")
    )
    numbers = [int(re.search(r"number (\d+)", one.subject)[1]) for one in told]
    assert sorted(numbers) == list(range(1, BUYERS))
    assert rows[-1].made_at - rows[0].made_at < timedelta(seconds=120)
