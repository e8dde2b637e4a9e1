"""Which tariff is in effect."""

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.dues.models import Tariff


def current_tariff(on: date, currency: str | None = None) -> Tariff | None:
    """The tariff of a term that starts on a day: the latest one that was in effect by then."""
    query = select(Tariff).where(Tariff.effective_from <= on).options(joinedload(Tariff.decision))
    if currency:
        query = query.where(Tariff.currency == currency)
    return db.session.scalars(query.order_by(Tariff.effective_from.desc(), Tariff.id)).first()


def tariffs() -> Select[Tariff]:
    query = select(Tariff).options(joinedload(Tariff.decision))
    return query.order_by(Tariff.effective_from.desc(), Tariff.currency)
