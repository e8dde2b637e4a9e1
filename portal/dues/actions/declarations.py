"""Declaring, checking and correcting a firm's numbers: each a new row. The caller commits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from portal.core import audit, clock
from portal.core.db import db
from portal.core.merging import current_id, names_of
from portal.core.states import Refused
from portal.dues import signals
from portal.dues.declaring import statement, text_hash, unit_of
from portal.dues.models import Checked, Declaration, Source
from portal.dues.models.tariffs import TEN_THOUSANDTHS
from portal.members.models import Organization


@dataclass(frozen=True)
class Told:
    """A number as it is about to be signed."""

    metric: str
    value: Decimal
    period: tuple[date, date]
    scope: str
    source: Source = Source.SELF


def declare(
    firm: Organization, told: Told, by_id: int, *, currency: str, at: datetime | None = None
) -> Declaration:
    """A signed number; one that was declared for the same period before is replaced by it."""
    _hold(firm)
    now = at or clock.now()
    return _write(firm, told, by_id, unit_of(told.metric, currency), now, _before(firm, told))


def sign(firm: Organization, told: Iterable[Told], by_id: int, *, currency: str) -> None:
    """Declare these numbers together; what is reckoned by them follows in this transaction."""
    for one in told:
        declare(firm, one, by_id, currency=currency)
    db.session.flush()
    signals.numbers_signed.send(firm)


def check(
    one: Declaration, reason: str, by_id: int, corrected: Decimal | None = None
) -> Declaration:
    """A sample check: the number was found right, and counts from when it was signed, or is
    corrected, as signed now.

    Raises `Refused` for one that another row has replaced.
    """
    number = current_id(Organization, one.organization_id)
    firm = db.session.get_one(Organization, number)
    _hold(firm)
    value, found = one.value, Checked.SAMPLED
    if corrected is not None and corrected != one.value:
        value, found = corrected, Checked.CORRECTED
    told = Told(one.metric, value, (one.period_start, one.period_end), one.scope, Source.AUDITED)
    if _before(firm, told) is not one:
        raise Refused("This number was replaced since: check the newer one.")
    signed_at = clock.now() if found is Checked.CORRECTED else one.signed_at
    made = _write(firm, told, by_id, one.unit, signed_at, one)
    made.checked, made.reason = found, reason
    if found is Checked.CORRECTED:
        db.session.flush()
        signals.numbers_signed.send(firm)
    return made


def _hold(firm: Organization) -> None:
    db.session.get_one(Organization, firm.id, with_for_update={"key_share": True})


def _before(firm: Organization, told: Told) -> Declaration | None:
    """The latest number of the firm for this period."""
    query = select(Declaration).where(
        Declaration.organization_id.in_(names_of(Organization, firm.id)),
        Declaration.metric == told.metric,
        Declaration.period_end == told.period[1],
    )  # fmt: skip
    return db.session.scalars(query.order_by(Declaration.id.desc()).limit(1)).first()


def _write(
    firm: Organization, told: Told, by_id: int, unit: str, now: datetime, prior: Declaration | None
) -> Declaration:
    scaled = told.value.scaleb(TEN_THOUSANDTHS)
    if scaled != scaled.to_integral_value() or not 0 <= scaled < 10**18:
        raise Refused("A declared number has four decimals at most.")
    words = statement(firm.name, told.metric, told.value, unit, told.period, told.scope)
    made = Declaration(
        organization=firm, metric=told.metric, ten_thousandths=int(scaled), unit=unit,
        period_start=told.period[0], period_end=told.period[1], scope=told.scope,
        source=told.source, signed_by_id=by_id, signed_at=now, text_hash=text_hash(words),
        prior=prior, checked=Checked.NONE, reason="",
    )  # fmt: skip
    db.session.add(made)
    audit.record(
        "declaration.signed", firm, metric=told.metric, value=str(told.value), unit=unit,
        before=str(prior.value) if prior else None, text_hash=made.text_hash,
    )  # fmt: skip
    return made
