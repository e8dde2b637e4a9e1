"""What is forgotten by itself, and when: each room says it here, one job a day does it.

How long each is kept is a setting of the association; what a rule names is what it begins with.
What is of somebody whose data must be kept stays until that is over, however old it is.
"""

import enum
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, delete, false, func, or_, select

from portal.accounts.models import Person, SignIn, Token
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
# A room that knows of legal holds says whose data must be kept, by the numbers of their accounts
# and of every account that was merged into theirs.
must_keep: list[Callable[[], Collection[int]]] = []


def held_people() -> list[Person]:
    """Of whom nothing is forgotten today, with the accounts that were merged into theirs."""
    numbers = {number for asked in must_keep for number in asked()}
    query = select(Person).where(Person.id.in_(numbers)).order_by(Person.id)
    return list(db.session.scalars(query)) if numbers else []


def is_of_held(
    person_id: SQLColumnExpression[int | None] | None = None,
    email: SQLColumnExpression[str] | None = None,
) -> ColumnElement[bool]:
    """True of rows of somebody whose data must be kept: by their number, or by their address."""
    people = held_people()
    found: list[ColumnElement[bool]] = []
    if people and person_id is not None:
        numbers = [one.id for one in people]
        found.append(and_(person_id.is_not(None), person_id.in_(numbers)))
    if people and email is not None:
        found.append(func.lower(email).in_([one.email for one in people]))
    return or_(false(), *found)


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
    db.session.execute(delete(SignIn).where(over < before, ~is_of_held(SignIn.person_id)))


def _links(before: datetime) -> None:
    kept_on = is_of_held(Token.person_id, Token.email)
    db.session.execute(delete(Token).where(Token.expires_at < before, ~kept_on))


def _bounces(before: datetime) -> None:
    kept_on = is_of_held(email=BouncedAddress.address)
    db.session.execute(delete(BouncedAddress).where(BouncedAddress.since_at < before, ~kept_on))


def _record(before: datetime) -> None:
    """It goes from its beginning on: where somebody's must be kept, all that follows stays too."""
    audit.forget(before, [f"person:{one.id}" for one in held_people()])


RULES += [
    Rule("sign_ins", "Sign-ins, with address and browser", 30, "after they ended", _sign_ins),
    Rule("links", "Links that were mailed, as hashes", 30, "after they expired", _links),
    Rule("bounces", "Addresses at which mail did not arrive", 365, "after the first time",
         _bounces),
    Rule("record", "The record of who did what", KEPT_YEARS, "after it was written", _record,
         Unit.YEARS, least=KEPT_YEARS, most=50),
]  # fmt: skip
