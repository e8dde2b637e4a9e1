"""Taking a claim back, whole or in part, by credit note; or voiding it."""

from collections.abc import Mapping

from portal.association.queries import association, today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import crediting, ledger, papers, references, signals
from portal.dues.actions.claims import drop_plan
from portal.dues.actions.invoices import take_number
from portal.dues.actions.payments import close_other_pages, lock
from portal.dues.actions.posts import mail_claim_again, mail_credit, mail_void
from portal.dues.models import CreditNote, CreditNoteLine, CreditReason, Invoice, Void
from portal.dues.queries import balance, closed_until, creditable, credited_by_line, sums
from portal.dues.queries.approvals import needs_second

NOTHING_LEFT = "There is nothing left on this invoice that could be taken back."


def credit(
    invoice: Invoice,
    reason: str,
    code: CreditReason = CreditReason.WITHDRAWAL,
    lines: Mapping[int, int] | None = None,
    *,
    tells: bool = True,
) -> CreditNote:
    """Take a claim back; what was paid on it and is no longer owed is the payer's again.

    `lines` says how many net minor units of which line; None is all that is left of every line,
    and none at all with a tax correction is the tax alone. `tells` mails it; who never had the
    invoice from here is not told of its end. The caller commits. Raises `Refused` when nothing is
    left, or for more of a line than is left of it.
    """
    invoice = lock(invoice.id)
    before = sums([invoice.id])[invoice.id]
    note = priced(invoice, reason, code, lines)
    _issue(note)
    _free_what_is_too_much(invoice)
    close_other_pages(invoice)
    if tells:
        mail_credit(note)
    facts = {"note": note.number, "code": code.value, "reason": reason}
    audit.record("invoice.credited", invoice, **facts, total=str(note.total))
    _tell(invoice, note, was_owed=before.balance > 0)
    return note


def claim_again(
    invoice: Invoice, reason: str, code: CreditReason, lines: Mapping[int, int]
) -> CreditNote:
    """Claim again what credit notes took off, by one below zero; `lines` as in `credit`.

    The payer is told. Hold the invoice before; the caller commits.
    """
    note = _note(invoice, reason, code, {one: -minor for one, minor in lines.items()})
    _issue(note)
    mail_claim_again(note)
    facts = {"note": note.number, "code": code.value, "reason": reason}
    audit.record("invoice.claimed_again", invoice, **facts, total=str(note.total))
    return note


def priced(
    invoice: Invoice, reason: str, code: CreditReason, lines: Mapping[int, int] | None = None
) -> CreditNote:
    """The credit note as it would be, without a number and not kept; raises as `credit` does."""
    before = sums([invoice.id])[invoice.id]
    taken = creditable(invoice) if lines is None else dict(lines)
    if before.voided:
        raise Refused(NOTHING_LEFT)
    _refuse_too_much(invoice, taken)
    note = _note(invoice, reason, code, taken)
    if note.total_minor <= 0:
        raise Refused(NOTHING_LEFT)
    if note.total_minor > invoice.total_minor - before.credited:
        left = Money(invoice.total_minor - before.credited, invoice.currency)
        raise Refused(f"Of this invoice {left} at most can be taken back.")
    return note


def _refuse_too_much(invoice: Invoice, taken: Mapping[int, int]) -> None:
    left = creditable(invoice)
    for line in invoice.lines:
        asked, most = taken.get(line.id, 0), left[line.id]
        if not min(0, most) <= asked <= max(0, most):
            raise Refused(
                f"Of “{line.text}” {Money(most, invoice.currency)} at most can be taken back."
            )


def _note(
    invoice: Invoice, reason: str, code: CreditReason, taken: Mapping[int, int]
) -> CreditNote:
    """The note, not yet numbered; its tax makes all notes so far come out right."""
    so_far = credited_by_line(invoice)
    after = {line.id: so_far.get(line.id, 0) + taken.get(line.id, 0) for line in invoice.lines}
    given = sums([invoice.id])[invoice.id].credited - sum(so_far.values())
    is_tax_alone = code is CreditReason.TAX_CORRECTION and not any(taken.values())
    tax = (invoice.tax_minor if is_tax_alone else crediting.tax_on(invoice, after)) - given
    net = sum(taken.values())
    tax = tax if net < 0 else max(0, tax)
    return CreditNote(
        invoice_id=invoice.id, issued_by=papers.letterhead(), code=code, reason=reason,
        issued_on=today(),
        currency=invoice.currency, net_minor=net, tax_minor=tax, total_minor=net + tax,
        lines=[
            CreditNoteLine(invoice_line_id=line.id, net_minor=taken[line.id])
            for line in invoice.lines if taken.get(line.id)
        ],
    )  # fmt: skip


def _issue(note: CreditNote) -> None:
    series, on = association().credit_series, note.issued_on
    sequence = take_number(series, on.year)
    note.series, note.year, note.sequence = series, on.year, sequence
    note.number = references.number(series, on.year, sequence)
    db.session.add(note)
    db.session.flush()
    ledger.post_credit(note)


def _free_what_is_too_much(invoice: Invoice) -> None:
    """What was written off is claimed no more; then what was paid, the latest first, is free."""
    surplus = -balance(invoice).minor
    revived = min(surplus, sums([invoice.id])[invoice.id].written_off)
    if revived > 0:
        ledger.post_revival(invoice, revived, today())
    ledger.free_some(ledger.allocations_of(invoice), surplus - max(0, revived), today())


def _tell(invoice: Invoice, note: CreditNote, *, was_owed: bool) -> None:
    now = sums([invoice.id])[invoice.id]
    if now.credited >= invoice.total_minor:
        signals.invoice_credited.send(invoice, credit_note=note, was_owed=was_owed)
    elif was_owed and now.balance == 0:
        signals.invoice_settled.send(invoice)


def void(invoice: Invoice, reason: str) -> Void:
    """From now on it claims nothing; its number stays taken. Who had it is told.

    The caller commits. Raises `Refused` unless the settings allow it, its month is open and
    nothing was paid, taken back or given up on it: then a credit note is the way.
    """
    invoice = lock(invoice.id)
    _refuse_void(invoice)
    made = Void(invoice=invoice, reason=reason, voided_on=today(), made_at=clock.now())
    db.session.add(made)
    db.session.flush()
    ledger.post_void(invoice, made.voided_on)
    drop_plan(invoice)
    close_other_pages(invoice)
    mail_void(made)
    audit.record("invoice.voided", invoice, reason=reason)
    signals.invoice_credited.send(invoice, credit_note=None, was_owed=True)
    return made


def _refuse_void(invoice: Invoice) -> None:
    found, closed = sums([invoice.id])[invoice.id], closed_until()
    if found.voided:
        raise Refused("This invoice is void already.")
    if needs_second(invoice.total):
        raise Refused("It is above the limit for one person: a credit note is the way.")
    if not association().may_void:
        raise Refused("The association's settings do not allow it: issue a credit note.")
    if closed and invoice.issued_on <= closed:
        raise Refused("The books of its month are closed: issue a credit note.")
    is_touched = found.paid or found.credited or found.written_off
    if is_touched or not invoice.total_minor:
        raise Refused("Only an invoice of which all is still owed can be voided.")
