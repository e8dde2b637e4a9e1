"""Every day: what Stripe says and what we say of the same money, and where they differ."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from portal.accounts.queries import staff
from portal.association.queries import today
from portal.core import clock, mail
from portal.core.access import Role
from portal.core.db import db, release
from portal.core.jobs import every, job
from portal.core.links import link
from portal.core.money import Money
from portal.core.receipts import Taken
from portal.core.stripe_gateway import gateway
from portal.dues.models import (
    HOLDS_MONEY,
    Dispute,
    Payment,
    PaymentMethod,
    Payout,
    PayoutStatus,
    ProviderReport,
    Refund,
)
from portal.dues.queries import has_used_cards
from portal.notices.actions import once

WINDOW = timedelta(days=30)
EDGE = timedelta(days=1)  # a payment and its booking may lie on either side of the first day
IN_FLIGHT = timedelta(hours=1)  # what was taken just now may still be booked


@dataclass(frozen=True)
class Source:
    """One kind of money: what Stripe lists, and ours by Stripe's ids or since an instant."""

    kind: str
    theirs: Callable[[datetime], Iterable[Taken]]
    ours: Callable[[Iterable[str], datetime], dict[str, Money]]


def _payments_taken(since: datetime) -> Iterator[Taken]:
    return gateway().taken_since(since)


def _payments_booked(ids: Iterable[str], since: datetime) -> dict[str, Money]:
    is_meant = Payment.external_id.in_(list(ids)) | (Payment.booked_at >= since)
    query = select(Payment).where(Payment.method == PaymentMethod.CARD, is_meant)
    return {one.external_id: one.money for one in db.session.scalars(query) if one.external_id}


def _refunds_sent(since: datetime) -> Iterator[Taken]:
    for one in gateway().refunds(created={"gte": int(since.timestamp())}):
        if one.status not in {"failed", "canceled"}:
            yield Taken(one.refund_id, one.money, one.made)


def _refunds_booked(ids: Iterable[str], since: datetime) -> dict[str, Money]:
    is_meant = Refund.external_id.in_(list(ids)) | (Refund.made_at >= since)
    query = select(Refund).where(
        Refund.method == PaymentMethod.CARD, Refund.status.in_(HOLDS_MONEY), is_meant
    )
    return {one.external_id: one.money for one in db.session.scalars(query) if one.external_id}


def _disputes_opened(since: datetime) -> Iterator[Taken]:
    for one in gateway().disputes(int(since.timestamp())):
        yield Taken(one.dispute_id, one.money, one.opened)


def _disputes_kept(ids: Iterable[str], since: datetime) -> dict[str, Money]:
    is_meant = Dispute.external_id.in_(list(ids)) | (Dispute.opened_at >= since)
    return {
        one.external_id: one.money for one in db.session.scalars(select(Dispute).where(is_meant))
    }


def _payouts_made(since: datetime) -> Iterator[Taken]:
    for one in gateway().payouts(int(since.timestamp())):
        if one.status == "paid":
            yield Taken(one.payout_id, one.money, max(one.made, one.arrival))


def _payouts_booked(ids: Iterable[str], since: datetime) -> dict[str, Money]:
    is_meant = Payout.external_id.in_(list(ids)) | (Payout.made_at >= since)
    query = select(Payout).where(Payout.status == PayoutStatus.PAID, is_meant)
    return {one.external_id: one.money for one in db.session.scalars(query)}


SOURCES: tuple[Source, ...] = (
    Source("payments", _payments_taken, _payments_booked),
    Source("refunds", _refunds_sent, _refunds_booked),
    Source("disputes", _disputes_opened, _disputes_kept),
    Source("payouts", _payouts_made, _payouts_booked),
)


@every(timedelta(days=1))
def compare_with_stripe() -> None:
    if gateway().is_configured and has_used_cards():
        compare()


@job
def compare() -> None:
    """Compare the last thirty days, keep what came of it, and mail finance when it differs."""
    now = clock.now()
    since = datetime.combine((now - WINDOW).date(), time(), UTC)
    release()
    listed = {source.kind: list(source.theirs(since)) for source in SOURCES}
    rows: list[dict[str, str]] = []
    for source in SOURCES:
        rows += _differences(source, listed[source.kind], since)
    report = _report(since)
    report.made_at, report.differences = now, {"rows": rows}
    report.counts = {kind: len(found) for kind, found in listed.items()}
    if rows:
        _tell_finance(report)


def _differences(source: Source, taken: list[Taken], since: datetime) -> Iterator[dict[str, str]]:
    young = (clock.now() - IN_FLIGHT).timestamp()
    theirs = {one.id: one for one in taken}
    ours = source.ours(theirs, since + EDGE)
    for name in sorted(theirs.keys() | ours.keys()):
        said, booked = theirs.get(name), ours.get(name)
        is_same = said is not None and said.money == booked
        if is_same or (booked is None and said is not None and said.at > young):
            continue
        yield {
            "kind": source.kind, "id": name, "theirs": str(said.money) if said else "",
            "ours": str(booked) if booked else "",
        }  # fmt: skip


def _report(since: datetime) -> ProviderReport:
    """Today's report, made anew when it is asked for twice."""
    on = today()
    found = db.session.scalars(select(ProviderReport).filter_by(on=on)).one_or_none()
    if found is None:
        found = ProviderReport(on=on, since_on=since.date())
        db.session.add(found)
    return found


def _tell_finance(report: ProviderReport) -> None:
    template = "dues/provider_differs"
    for grant in db.session.scalars(staff()).unique():
        key = f"{template}:{report.on}:{len(report.rows)}:{grant.person_id}"
        if grant.role == Role.FINANCE and once(key, template, f"report:{report.on}"):
            url = link("dues_staff.provider")
            mail.queue(template, grant.person.email, report=report, url=url)
