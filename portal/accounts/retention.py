"""What is forgotten by itself, and when: each room says it here, one job a day does it.

How long each is kept is a setting of the association; what a rule names is what it begins with.
"""

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func

from portal.accounts.models import SignIn, Token
from portal.association.queries import association
from portal.core import audit, clock
from portal.core.audit import KEPT_YEARS
from portal.core.bounces import BouncedAddress
from portal.core.db import db
from portal.core.jobs import every


class Unit(enum.StrEnum):
    DAYS = "days"
    YEARS = "years"


@dataclass(frozen=True)
class Rule:
    """`forget` is given the instant before which it goes; the caller commits."""

    code: str  # of the setting: "sign_ins"
    what: str  # "Sign-ins: when, from where, with which browser"
    length: int  # unless the association changed it
    since: str  # "after they ended"
    forget: Callable[[datetime], None]
    unit: Unit = Unit.DAYS
    least: int = 1
    most: int = 3650

    @property
    def kept(self) -> int:
        """How many units, as the association has set it."""
        return association().retention.get(self.code, self.length)

    @property
    def days(self) -> int:
        """With every leap day that may be among its years."""
        return self.kept if self.unit is Unit.DAYS else math.ceil(self.kept * 365.25)

    @property
    def words(self) -> str:
        unit = self.unit.value if self.kept != 1 else self.unit.value.removesuffix("s")
        return f"{self.what}: {self.kept} {unit} {self.since}."


RULES: list[Rule] = []


def kept(code: str) -> int:
    """How many units of its rule something is kept now."""
    return next(one.kept for one in RULES if one.code == code)


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
    Rule("sign_ins", "Sign-ins, with address and browser", 30, "after they ended", _sign_ins),
    Rule("links", "Links that were mailed, as hashes", 30, "after they expired", _links),
    Rule("bounces", "Addresses at which mail did not arrive", 365, "after the first time",
         _bounces),
    Rule("record", "The record of who did what", KEPT_YEARS, "after it was written", audit.forget,
         Unit.YEARS, least=KEPT_YEARS, most=50),
]  # fmt: skip
