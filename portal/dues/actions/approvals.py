"""Above a limit one person proposes and another approves; until then nothing is booked."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.links import link
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues.actions.claims import write_off
from portal.dues.actions.credits import credit
from portal.dues.actions.refunds import Sending, request_refund
from portal.dues.actions.reversals import Reversing, reverse
from portal.dues.models import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    BankLine,
    CreditReason,
    Invoice,
    Payment,
    PaymentMethod,
    ReversalKind,
)
from portal.dues.queries import balance
from portal.dues.queries.approvals import done_before, may_approve, needs_second
from portal.members.models import Decision


def is_for_two(kind: ApprovalKind, subject: Invoice | Payment, money: Money) -> bool:
    """Whether this waits for a second person."""
    return needs_second(money, done_before(kind, subject))


def propose(
    kind: ApprovalKind, subject: Invoice | Payment, money: Money, facts: dict[str, Any], by: Person
) -> Approval:
    """Ask the others who may move money; `facts` hold the reason and how it is to be done.

    The caller commits. Raises `Refused` when nobody else may approve, and when the same is
    proposed already.
    """
    others = may_approve(by)
    if not others:
        raise Refused(
            "This is above the association's limit, and nobody else may approve it: have a "
            "colleague given the finance role first."
        )
    made = Approval(
        kind=kind, currency=money.currency, amount_minor=money.minor, facts=facts,
        reason=facts["reason"], proposed_by_id=by.id, proposed_at=clock.now(),
        invoice_id=subject.id if isinstance(subject, Invoice) else None,
        payment_id=subject.id if isinstance(subject, Payment) else None,
    )  # fmt: skip
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused("The same is proposed already, and waits for a second person.") from error
    audit.record("approval.proposed", made, what=kind.value, amount=str(money), reason=made.reason)
    url = link("dues_staff.approval", approval_id=made.id)
    for address in sorted({one.email for one in others}):
        mail.queue("dues/approval_asked", to=address, approval=made, by=by, url=url)
    return made


def approve(approval: Approval, by: Person) -> None:
    """Do it, as it was proposed. The caller commits.

    Raises `Refused` for the person who proposed it, once it was decided, and when it cannot be
    done any more as it was proposed.
    """
    approval = _hold(approval)
    if current_id(Person, approval.proposed_by_id) == by.id:
        raise Refused("You proposed this: somebody else has to approve it.")
    _decide(approval, ApprovalStatus.APPROVED, by)
    _do(approval)
    _tell(approval)


def refuse(approval: Approval, why: str, by: Person) -> None:
    """Nothing is booked, and who proposed it is told why. The caller commits.

    Raises `Refused` for the person who proposed it, and `IllegalMove` once it was decided.
    """
    approval = _hold(approval)
    if current_id(Person, approval.proposed_by_id) == by.id:
        raise Refused("You proposed this: withdraw it instead.")
    _decide(approval, ApprovalStatus.REFUSED, by, why)
    _tell(approval)


def withdraw(approval: Approval, by: Person) -> None:
    """Who proposed it takes it back. Raises `Refused` for others."""
    approval = _hold(approval)
    if current_id(Person, approval.proposed_by_id) != by.id:
        raise Refused("Only who proposed it can withdraw it: refuse it instead.")
    _decide(approval, ApprovalStatus.WITHDRAWN, None)


def _hold(approval: Approval) -> Approval:
    locked = select(Approval).where(Approval.id == approval.id).with_for_update()
    return db.session.scalars(locked.execution_options(populate_existing=True)).one()


def _decide(approval: Approval, new: ApprovalStatus, by: Person | None, why: str = "") -> None:
    audit.move(approval, new, why)
    approval.decided_by_id = by.id if by else None
    approval.decided_at, approval.decided_why = clock.now(), why
    db.session.flush()


def _do(approval: Approval) -> None:
    facts, money = approval.facts, approval.money
    if approval.payment and approval.kind is ApprovalKind.REVERSAL:
        line = db.session.get(BankLine, facts["line"]) if facts.get("line") else None
        kind, on = ReversalKind(facts["kind"]), date.fromisoformat(facts["on"])
        reverse(approval.payment, Reversing(kind, approval.reason, on, line))
    elif approval.payment:
        sent_on = date.fromisoformat(facts["sent_on"]) if facts.get("sent_on") else None
        method = PaymentMethod(facts["method"])
        request_refund(approval.payment, money, Sending(approval.reason, method, sent_on))
    elif approval.invoice and approval.kind is ApprovalKind.CREDIT:
        lines = {int(number): minor for number, minor in facts["lines"].items()}
        note = credit(approval.invoice, approval.reason, CreditReason(facts["code"]), lines)
        _refuse_more(note.total, money)
    elif approval.invoice:
        _refuse_more(balance(approval.invoice), money)
        decision = Decision(
            body=facts["body"], decided_on=date.fromisoformat(facts["decided_on"]),
            title=approval.reason, text=f"Invoice {approval.invoice.number} is written off.",
        )  # fmt: skip
        db.session.add(decision)
        write_off(approval.invoice, decision)


def _refuse_more(now: Money, proposed: Money) -> None:
    if proposed < now:
        raise Refused(f"It would be {now} by now, more than was proposed: propose it anew.")


def _tell(approval: Approval) -> None:
    url = link("dues_staff.approval", approval_id=approval.id)
    mail.queue("dues/approval_decided", to=approval.proposed_by.email, approval=approval, url=url)
