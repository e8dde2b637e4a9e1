"""How often something may be tried: rows, so that the limit holds across processes."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from portal.accounts.models import Try
from portal.accounts.secrets import hashed
from portal.core import clock
from portal.core.db import db, one_at_a_time
from portal.core.jobs import every
from portal.core.states import Refused

WINDOW = timedelta(minutes=5)
SIGN_INS, CODES, MAILS = 10, 5, 5


class TooMany(Refused):
    """More tries than are allowed; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        minutes = max(1, -(-seconds // 60))
        super().__init__(f"Too many tries. Wait {minutes} minutes, then try again.")
        self.seconds = seconds


def count(most: int, *keys: str) -> None:
    """Note one try under each key. Raises `TooMany` when one of them has had `most` in the window.

    The caller commits, also when it refuses: a refused try was no try.
    """
    now, since = clock.now(), clock.now() - WINDOW
    names = [hashed(key)[:64] for key in keys]
    one_at_a_time(*names)  # who tries at the same moment is counted, too
    query = select(func.count(Try.id), func.min(Try.at)).where(Try.at > since)
    for name in names:
        number, first = db.session.execute(query.where(Try.key == name)).one()
        if number >= most:
            raise TooMany(int((first + WINDOW - now).total_seconds()) + 1)
    db.session.add_all(Try(key=name, at=now) for name in names)


def forget(*keys: str) -> None:
    """What was right in the end does not count against the next time."""
    db.session.execute(delete(Try).where(Try.key.in_([hashed(key)[:64] for key in keys])))


def forgive(key: str) -> None:
    """Take the latest try under a key back: it was right, and many people share an address."""
    name = hashed(key)[:64]
    latest = select(func.max(Try.id)).where(Try.key == name).scalar_subquery()
    db.session.execute(delete(Try).where(Try.id == latest))


@every(timedelta(hours=1))
def forget_old_tries() -> None:
    db.session.execute(delete(Try).where(Try.at < clock.now() - WINDOW))
