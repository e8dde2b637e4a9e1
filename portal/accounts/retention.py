"""What is forgotten by itself, and when: each room says it here, one job a day does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func

from portal.accounts.models import SignIn, Token
from portal.core import audit, clock
from portal.core.audit import KEPT_YEARS
from portal.core.bounces import BouncedAddress
from portal.core.db import db
from portal.core.jobs import every

TEN_YEARS = 3653  # days, with every leap day that may be among them


@dataclass(frozen=True)
class Rule:
    """`forget` is given the instant before which it goes; the caller commits."""

    what: str  # "Sign-ins: when, from where, with which browser"
    days: int
    since: str  # "after they ended"
    forget: Callable[[datetime], None]

    @property
    def words(self) -> str:
        long = f"{self.days} days" if self.days < TEN_YEARS else f"{KEPT_YEARS} years"
        return f"{self.what}: {long} {self.since}."


RULES: list[Rule] = []


@every(timedelta(days=1))
def forget_what_is_due() -> None:
    for rule in RULES:
        rule.forget(clock.now() - timedelta(days=rule.days))
        db.session.commit()


def _sign_ins(before: datetime) -> None:
    over = func.coalesce(SignIn.ended_at, SignIn.expires_at)
    db.session.execute(delete(SignIn).where(over < before))


def _links(before: datetime) -> None:
    db.session.execute(delete(Token).where(Token.expires_at < before))


def _bounces(before: datetime) -> None:
    db.session.execute(delete(BouncedAddress).where(BouncedAddress.since_at < before))


RULES += [
    Rule("Sign-ins, with address and browser", 30, "after they ended", _sign_ins),
    Rule("Links that were mailed, as hashes", 30, "after they expired", _links),
    Rule("Addresses at which mail did not arrive", 365, "after the first time", _bounces),
    Rule("The record of who did what", TEN_YEARS, "after it was written", audit.forget),
]
