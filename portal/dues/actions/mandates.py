"""Consent to charge a card: given, filled with a card, taken back. The caller commits."""

from portal.accounts.models import Person
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.core.receipts import Receipt, SavedCard
from portal.dues import consent
from portal.dues.actions.payments import Outcome
from portal.dues.models import CardMandate, PaymentAttempt
from portal.dues.queries import customer_of, kept_card, mandate_of_attempt
from portal.members.models import Organization

FORGET = "portal.dues.charging.forget_card"
CHARGE_AGAIN = "portal.dues.charging.charge_again"


def agree(
    organization_id: int, person: Person, attempt: PaymentAttempt | None = None
) -> CardMandate:
    """Note that `person` lets us charge the card that is about to be given.

    `attempt` is the payment whose card is to be kept.
    """
    made = CardMandate(
        organization_id=organization_id, consented_at=clock.now(), consented_by_id=person.id,
        text_version=consent.VERSION, customer_id=customer_of(organization_id),
        attempt_id=attempt.id if attempt else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("card.agreed", made, organization=organization_id, text=consent.VERSION)
    return made


def keep_card(receipt: Receipt) -> Outcome | None:
    """Keep the card that Stripe saved for a consent of ours; None when it saved none.

    Another card of the firm is forgotten, and what it could not pay is charged once to this one.
    """
    mandate = _mandate_of(receipt)
    if mandate is None or receipt.card is None:
        return _without_card(receipt, is_ours=mandate is not None)
    db.session.get_one(Organization, mandate.organization_id, with_for_update=True)
    db.session.refresh(mandate, with_for_update=True)
    if mandate.saved_at is not None or mandate.revoked_at is not None:
        return Outcome.ALREADY
    before = kept_card(mandate.organization_id)
    if before:
        revoke(before, "another card was given")
    _fill(mandate, receipt.card)
    audit.record("card.kept", mandate, card=mandate.words)
    jobs.queue(CHARGE_AGAIN, key=f"charge-again:{mandate.id}", mandate_id=mandate.id)
    return Outcome.SAVED


def _mandate_of(receipt: Receipt) -> CardMandate | None:
    if receipt.attempt_id:
        return mandate_of_attempt(receipt.attempt_id)
    found = db.session.get(CardMandate, receipt.mandate_id)
    return found if found and found.session_id in {None, receipt.session_id} else None


def _without_card(receipt: Receipt, *, is_ours: bool) -> Outcome | None:
    if not receipt.mandate_id:
        return None
    if not is_ours:
        return Outcome.UNMATCHED
    return Outcome.CLOSED if receipt.status == "expired" else Outcome.WAITING


def _fill(mandate: CardMandate, card: SavedCard) -> None:
    mandate.customer_id, mandate.payment_method_id = card.customer_id, card.payment_method_id
    mandate.brand, mandate.last4 = card.brand, card.last4
    mandate.expiry_month, mandate.expiry_year = card.expiry_month, card.expiry_year
    mandate.saved_at = clock.now()
    db.session.flush()


def revoke(mandate: CardMandate, why: str) -> None:
    """From now on the card is not charged; Stripe forgets it by a job."""
    mandate.revoked_at = clock.now()
    db.session.flush()
    audit.record("card.revoked", mandate, why=why, card=mandate.words)
    jobs.queue(FORGET, key=f"forget-card:{mandate.id}", mandate_id=mandate.id)


def one_card(keep: int, lose: int) -> None:
    """Two firms that are found to be one keep one card: that of the firm that stays."""
    kept, lost = kept_card(keep), kept_card(lose)
    if kept and lost:
        revoke(lost, "the firm was merged into one with a card of its own")
