"""What the reports on members, their dues and their declarations are drawn from."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from portal.core.db import db
from portal.core.merging import winners
from portal.core.money import Money
from portal.dues.declaring import people_in
from portal.dues.models import Declaration, Invoice, InvoiceKind, InvoiceLine
from portal.dues.models.tariffs import TEN_THOUSANDTHS, plain_number
from portal.members.models import CLASS_NAMES, Membership, Organization, Term
from portal.members.words import country
from portal.renewals.over_time import Lived
from portal.renewals.queries.terms import is_credited

Key = tuple[str, str, str]  # currency, band, metric
YEAR = timedelta(days=365)
SIZES = ((25, "1 to 25"), (50, "26 to 50"), (125, "51 to 125"), (250, "126 to 250"))
LARGEST, UNTOLD = "over 250", "not told"


def size_band(people: float | None) -> str:
    if people is None:
        return UNTOLD
    return next((words for most, words in SIZES if people <= most), LARGEST)


def lived_by(what: str) -> list[Lived]:
    """Every term that counts, with its firm's class, country, or size as the term was sold."""
    last = func.coalesce(Term.ended_early_on, Term.grace_until_on)
    query = (
        select(
            Organization.id,
            Membership.kind,
            Organization.country,
            Organization.headcount,
            Term.price_snapshot,
            Term.start_on,
            last,
        )
        .join(Membership, Membership.organization_id == Organization.id)
        .join(Term, Term.membership_id == Membership.id)
        .where(Term.cancelled_at.is_(None), last >= Term.start_on)
    )
    words: dict[str, Callable[..., str]] = {
        "class": lambda kind, _code, _many: CLASS_NAMES[kind],
        "place": lambda _kind, code, _many: country(code),
        "size": lambda _kind, _code, many: size_band(many),
    }
    return [
        Lived(
            firm_id,
            words[what](kind, code, people_in(sold.get("metrics") or {}) or many),
            first,
            until,
        )
        for firm_id, kind, code, many, sold, first, until in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Band:
    """Dues that were charged in a band of the tariff, before tax."""

    words: str
    lower: Decimal
    firms: int
    dues: Money


def dues_by_band(first: date, last: date) -> list[Band]:
    """Of dues invoices issued on these days and not taken back; by currency and band."""
    query = (
        select(
            Invoice.organization_id, Invoice.currency, InvoiceLine.inputs, InvoiceLine.net_minor
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == InvoiceKind.DUES, Invoice.issued_on.between(first, last))
        .where(InvoiceLine.income == "dues", ~is_credited())
    )
    firms, minor = (
        defaultdict[tuple[str, str, str], set[int]](set),
        Counter[tuple[str, str, str]](),
    )
    lowest: dict[tuple[str, str, str], Decimal] = {}
    merged = winners(Organization)
    for firm_id, currency, inputs, net in db.session.execute(query):
        words, lower = _band_words(inputs)
        key = currency, words, inputs.get("metric", "")
        firms[key].add(merged.get(firm_id, firm_id))
        minor[key] += net
        lowest[key] = lower
    found = [
        Band(_with_metric(words, metric), lowest[currency, words, metric], len(ids),
             Money(minor[currency, words, metric], currency))
        for (currency, words, metric), ids in firms.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.dues.currency, one.lower, one.words))


def _band_words(inputs: dict[str, list[str | None]]) -> tuple[str, Decimal]:
    band = inputs.get("band")
    if not band:
        return "Charged by no band", Decimal(-1)
    lower, upper = band
    said = f"{lower} and more" if upper is None else f"{lower} to {upper}"
    return said, Decimal(str(lower or 0))


def _with_metric(words: str, metric: str) -> str:
    return f"{words}, {metric.replace('_', ' ')}" if metric else words


@dataclass(frozen=True)
class Changed:
    """A number that a firm declared, beside the one that it had declared before."""

    firm_id: int
    firm: str
    metric: str
    unit: str
    before: Decimal
    after: Decimal
    signed_on: date
    is_correction: bool

    @property
    def more(self) -> Decimal:
        return plain_number(self.after - self.before)

    @property
    def percent(self) -> Decimal | str:
        """To a tenth; nothing where there was nothing before."""
        return round(self.more * 100 / self.before, 1) if self.before else ""


def declarations_changed(since: date) -> list[Changed]:
    """Signed on a day or later and other than before, the largest change first."""
    found = [one for one in _pairs() if one.signed_on >= since and one.more]
    return sorted(found, key=lambda one: (-_weight(one), one.firm, one.metric))


def _weight(one: Changed) -> Decimal:
    return abs(one.more) / one.before if one.before else Decimal(10**6)


def _pairs() -> Iterator[Changed]:
    """Every number of a firm after its first, in the order in which they were signed."""
    query = (
        select(
            Declaration.organization_id, Declaration.metric, Declaration.unit,
            Declaration.ten_thousandths, Declaration.signed_at, Declaration.prior_id,
        )
        .order_by(Declaration.period_end, Declaration.id)
    )  # fmt: skip
    merged, last = winners(Organization), dict[tuple[int, str], Decimal]()
    names = dict(db.session.execute(select(Organization.id, Organization.name)).all())
    for number, metric, unit, scaled, at, prior_id in db.session.execute(query):
        firm_id = merged.get(number, number)
        value = plain_number(Decimal(scaled).scaleb(-TEN_THOUSANDTHS))
        before = last.get((firm_id, metric))
        last[firm_id, metric] = value
        if before is not None:
            yield Changed(
                firm_id, names[firm_id], metric, unit, before, value, at.date(),
                prior_id is not None,
            )  # fmt: skip
