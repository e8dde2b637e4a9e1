"""From the open window to the next term: each step once, in whatever order it is asked for.

The caller commits.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import bindparam, select, text

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.ahead import each
from portal.core.db import UtcDateTime, db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.declaring import metrics_asked
from portal.dues.models import Invoice, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.rules import titled
from portal.dues.seat_prices import included_seats
from portal.members.actions import start_membership
from portal.members.endings import cancel_term, end_term_early
from portal.members.models import Term
from portal.members.queries import policy_of
from portal.notices.queries import known_keys
from portal.renewals import queries
from portal.renewals.actions.billing import claim, drafts, tell
from portal.renewals.models import Renewal
from portal.renewals.prices import (
    quote_next,
    quoted,
    size_of_next,
)
from portal.renewals.sold import numbers_next, sold_by

A_DAY = timedelta(days=1)
# One statement: whoever opens the same at this very moment waits, and then it is open.
OPEN = text(
    "INSERT INTO renewals (term_id, opened_at) "
    "SELECT id, :opened_at FROM terms WHERE id IN :term_ids ORDER BY id "
    "ON CONFLICT (term_id) DO NOTHING RETURNING term_id"
).bindparams(
    bindparam("opened_at", type_=UtcDateTime()), bindparam("term_ids", expanding=True)
)  # fmt: skip


def lock(renewal: Renewal) -> Renewal:
    """The renewal, held until the caller commits, as it is in the database now."""
    return each(rows_held, renewal.term_id)


def rows_held(term_ids: Collection[int]) -> dict[int, Renewal]:
    query = select(Renewal).where(Renewal.term_id.in_(term_ids)).order_by(Renewal.id)
    held = query.with_for_update().execution_options(populate_existing=True)
    return {one.term_id: one for one in db.session.scalars(held)}


def row_of(term: Term) -> Renewal:
    return each(rows_of, term.id)


def rows_of(term_ids: Collection[int]) -> dict[int, Renewal]:
    """The one row of what follows each of these terms, made now where there is none."""
    found = queries.renewals_of(term_ids)
    missing = [one for one in term_ids if one not in found]
    if not missing:
        return found
    opened = db.session.scalars(OPEN, {"term_ids": missing, "opened_at": clock.now()}).all()
    found |= queries.renewals_of(missing)
    for term_id in opened:
        audit.record("renewal.opened", found[term_id], term=term_id)
    return found


def opened_key(term_id: int) -> str:
    """Under which a firm is told, once, that its next term can be renewed."""
    return f"renewal:{term_id}:opened"


def open_window(term: Term) -> Renewal:
    """Offer the next term and ask for this year's numbers; asked before, it is the same offer."""
    made, key = row_of(term), opened_key(term.id)
    if each(known_keys, key):
        return made
    firm, tariff = term.membership.organization, _next_tariff(term)
    numbers = numbers_next(made, tariff) if tariff else []
    told = [(titled(metric), value, one) for metric, value, one in numbers]
    is_asked = tariff is not None and bool(metrics_asked(tariff.book, [term.membership.kind]))
    tell(
        key, "renewals/opened", firm, f"organization:{firm.id}", term=term, numbers=told,
        is_asked=is_asked, kind=queries.class_among(term.membership),
    )  # fmt: skip
    return made


def _next_tariff(term: Term) -> Tariff | None:
    with suppress(NotQuotable):
        return dues_queries.tariff_on(term.membership.organization, term.end_on + A_DAY)
    return None


def choose(renewal: Renewal, seats: int | None, by: Person | None, gift_minor: int = 0) -> None:
    """The seats of the next term, and what the firm gives beside its dues, in minor units.

    None leaves the seats as they were; its size a firm declares and signs. Raises `Refused`
    once that term was invoiced.
    """
    renewal = lock(renewal)
    if renewal.invoice_id:
        raise Refused(
            "The invoice for the next term is out already: more seats are bought on their own."
        )
    before = {"seats": renewal.seats, "gift": renewal.gift_minor or 0}
    renewal.seats = renewal.seats if seats is None else seats
    renewal.gift_minor = gift_minor or None
    renewal.told_at, renewal.told_by = clock.now(), by.id if by else None
    after = {"seats": renewal.seats, "gift": gift_minor}
    audit.record("renewal.chosen", renewal, before=before, after=after)


def issue(renewal: Renewal) -> Invoice:
    """The renewal's invoice, once. Raises `NotQuotable` when nobody decided its price.

    One that already charges these days, however it came about, is taken as this one.
    """
    renewal = lock(renewal)
    if renewal.invoice:
        return renewal.invoice
    term = renewal.term
    membership, start = term.membership, term.end_on + timedelta(days=1)
    firm, size = membership.organization, size_of_next(renewal)
    tariff = dues_queries.tariff_on(firm, start)
    found = quote_next(renewal, size=size, tariff=tariff)
    known = queries.invoice_for(term, start)
    lines = drafts(found.lines, membership.id)
    invoice = known or claim(firm, tariff, lines, not_before=term.end_on)
    renewal.seats = size.seats  # what is charged, whatever is ordered since
    renewal.starts_on, renewal.ends_on = found.starts_on, found.ends_on
    renewal.tariffs = {start.isoformat(): tariff.id}
    return bind(renewal, invoice, is_new=known is None)


def bind(renewal: Renewal, invoice: Invoice, *, is_new: bool = False) -> Invoice:
    """The invoice is the renewal's; of a new one all is owed, unless it is of nothing."""
    renewal.invoice, renewal.dropped_at = invoice, None
    audit.record("renewal.invoiced", renewal, invoice=invoice.number)
    is_owed = invoice.total_minor if is_new else dues_queries.balance(invoice)
    if not is_owed:
        renew(invoice)
    return invoice


def renew(invoice: Invoice) -> None:
    """An invoice is settled: when it is a renewal's, the next term begins, exactly once."""
    query = select(Renewal).where(Renewal.invoice_id == invoice.id).with_for_update()
    renewal = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    is_paid = renewal is not None and not dues_queries.balance(invoice)
    if renewal and is_paid and not queries.next_term_of(renewal.term):
        _begin(renewal)


def _begin(renewal: Renewal) -> Term:
    term, invoice, size = renewal.term, renewal.invoice, size_of_next(renewal)
    assert invoice  # noqa: S101 - both callers know
    assert renewal.starts_on  # noqa: S101
    assert renewal.ends_on  # noqa: S101 - the table checks both
    firm, kind = term.membership.organization, term.membership.kind
    tariff = quoted(renewal.tariffs, firm, renewal.starts_on)
    is_signed = all(one for _metric, _value, one in numbers_next(renewal, tariff))
    snapshot = sold_by(renewal, tariff.book) | {
        "seats": _seats_of(tariff, kind.value, size.seats), "invoice": invoice.number,
        "seats_charged": size.seats, "tariff": tariff.id, "renews": not term.is_trial,
        "tariffs": renewal.tariffs, "is_last_value": not is_signed,
        "group": dues_queries.group_charged(invoice.lines),
        "lines": [[line.rule, line.net_minor, line.formula] for line in invoice.lines],
    }  # fmt: skip
    if renewal.cuts_short:
        end_term_early(term, renewal.starts_on - timedelta(days=1), "superseded")
    return start_membership(
        firm, kind, renewal.starts_on, renewal.ends_on, snapshot, renews=term
    )  # fmt: skip


def _seats_of(tariff: Tariff, kind: str, charged: int) -> dict[str, int] | None:
    """The seats that the price includes and those charged beside; None where none are counted."""
    counted = included_seats(tariff.whole_book, kind)
    return counted and counted | {"extra": max(0, charged - counted["included"])}


def go_on_unpaid(renewal: Renewal) -> Term | None:
    """Where the class has that by policy: the next term begins, provisional, at the end."""
    renewal = lock(renewal)
    term = renewal.term
    is_given = policy_of(term.membership.kind).benefits_before_payment
    if not is_given or renewal.invoice is None or today() <= term.end_on:
        return None
    return None if queries.next_term_of(term) else _begin(renewal)


def drop(renewal: Renewal, why: str) -> None:
    """Nobody paid: the provisional term goes, the claim is taken back, the old end decides again.

    Raises `Refused` when the renewal is paid, or has no invoice.
    """
    renewal = lock(renewal)
    invoice, term = renewal.invoice, renewal.term
    if invoice is None or not dues_queries.balance(invoice):
        raise Refused("Nothing is unpaid here that could be dropped.")
    following = queries.next_term_of(term)
    if following:
        take_away(following, why)
    unbind(renewal)
    renewal.dropped_at = clock.now()
    dues.credit(invoice, why)
    audit.record("renewal.dropped", renewal, invoice=invoice.number, why=why)


def take_away(term: Term, why: str) -> None:
    """A term that does not come about: nothing is charged for growth inside it either.

    Raises `Refused` when it is over.
    """
    cancel_term(term, why)
    for invoice in queries.charges_of_changes(term):
        dues.credit(invoice, why)


def unbind(renewal: Renewal) -> None:
    """The renewal has no invoice any more; unless it is dropped, it is issued again by itself."""
    renewal.invoice = renewal.starts_on = renewal.ends_on = None
    renewal.tariffs = {}
    if renewal.told_at is None:
        renewal.seats = None
    db.session.flush()


def let_go(invoice: Invoice, *, was_owed: bool, **_how: object) -> None:
    """A renewal's invoice was taken back or is void: what began unpaid goes, what was paid stays.

    It is issued anew by itself, or by whoever cannot wait.
    """
    query = select(Renewal).where(Renewal.invoice_id == invoice.id).with_for_update()
    renewal = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if renewal is None:
        return
    following = queries.next_term_of(renewal.term)
    if following and was_owed:
        with suppress(Refused):  # it is over by now: there is nothing to take away
            take_away(following, f"Invoice {invoice.number} was taken back")
    unbind(renewal)
    audit.record("renewal.unbound", renewal, invoice=invoice.number)


def forget_gift(invoice: Invoice) -> None:
    """The payer left it out: an invoice that replaces this one has none either."""
    query = select(Renewal).where(Renewal.invoice_id == invoice.id).with_for_update()
    if renewal := db.session.scalars(query).one_or_none():
        renewal.gift_minor = None
