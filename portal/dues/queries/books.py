"""The books: what is owed by age, what is not matched, and the proofs over the ledger."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, and_, case, func, or_, select

from portal.core import clock
from portal.core.db import db
from portal.dues.models import (
    CardMandate,
    Invoice,
    PaymentAttempt,
    ProviderReport,
    StripeEvent,
)
from portal.dues.queries.slices import slices

BUCKETS = ((0, "not yet due"), (30, "1 to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"))
OLDEST = "over 90 days"


@dataclass(frozen=True)
class Bucket:
    name: str
    count: int
    minor: int
    currency: str
    since: date  # the earliest due day in it


def ageing(today: date) -> list[Bucket]:
    """What is owed by how long it is overdue, oldest last; buckets of nothing are left out."""
    part = slices()
    name = case(
        *((part.c.due_on >= today - timedelta(days=days), bucket) for days, bucket in BUCKETS),
        else_=OLDEST,
    )
    per_part = (
        select(name.label("bucket"), Invoice.currency, part)
        .join(part, part.c.invoice_id == Invoice.id)
        .subquery()
    )
    owing = per_part.c
    many = func.count(owing.invoice_id.distinct())
    columns = owing.bucket, many, func.sum(owing.minor), owing.currency, func.min(owing.due_on)
    grouped = select(*columns).group_by(owing.bucket, owing.currency)
    order = [bucket for _days, bucket in BUCKETS] + [OLDEST]
    found = [Bucket(a, b, int(c), *more) for a, b, c, *more in db.session.execute(grouped)]
    return sorted(found, key=lambda one: (one.currency, order.index(one.name)))


def messages(state: str = "") -> Select[StripeEvent]:
    """What Stripe told us, the newest first; `state` is waiting, unmatched or set_aside."""
    states = {
        "waiting": StripeEvent.handled_at.is_(None),
        "unmatched": StripeEvent.id.in_(unmatched_events().with_only_columns(StripeEvent.id)),
        "set_aside": StripeEvent.outcome == "set aside",
    }
    query = select(StripeEvent).order_by(StripeEvent.heard_at.desc(), StripeEvent.id.desc())
    return query.where(states[state]) if state in states else query


def is_heard(event_id: str) -> bool:
    return db.session.scalar(select(StripeEvent.id).filter_by(event_id=event_id)) is not None


def has_used_cards() -> bool:
    """Whether Stripe can know of anything of ours."""
    queries = select(PaymentAttempt.id).limit(1), select(CardMandate.id).limit(1)
    return any(db.session.scalar(query) is not None for query in queries)


def last_report() -> ProviderReport | None:
    """What Stripe and we said of the same money when it was compared last."""
    return db.session.scalars(comparisons().limit(1)).first()


def comparisons() -> Select[ProviderReport]:
    return select(ProviderReport).order_by(ProviderReport.on.desc())


def unmatched_events() -> Select[StripeEvent]:
    """Messages of Stripe about checkouts that we could not yet match with anything of ours."""
    late = StripeEvent.heard_at < clock.now() - timedelta(minutes=5)
    waiting = and_(StripeEvent.handled_at.is_(None), late)
    query = select(StripeEvent).where(or_(waiting, StripeEvent.outcome == "unmatched"))
    return query.order_by(StripeEvent.heard_at)
