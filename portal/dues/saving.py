"""A hosted page on which a firm's card is saved; no number of it ever comes here."""

from datetime import timedelta

from portal.accounts.models import Person
from portal.association.queries import association
from portal.core import clock
from portal.core.db import db, release
from portal.core.links import link
from portal.core.states import Refused
from portal.core.stripe_gateway import gateway
from portal.dues.actions import Outcome, agree, keep_card
from portal.dues.models import CardMandate
from portal.members.models import Organization

OPEN_FOR = timedelta(hours=2)


def start(firm: Organization, person: Person) -> str:
    """The address of the page; commits on the way. Raises `Refused` and `StripeAway`."""
    if not gateway().is_configured:
        raise Refused("Cards are not set up here: please pay by bank transfer.")
    mandate = agree(firm.id, person)
    mandate_id, customer, email = mandate.id, mandate.customer_id or "", firm.billing_email
    currency, here = association().currency, link("dues_cards.auto_pay")
    release()
    page = gateway().page_to_save_card(
        mandate_id=mandate_id, key=f"card-{mandate_id}", currency=currency, email=email,
        customer=customer, success_url=f"{here}/return", cancel_url=f"{here}?card=left",
        expires_at=int((clock.now() + OPEN_FOR).timestamp()),
    )  # fmt: skip
    db.session.get_one(CardMandate, mandate_id).session_id = page.session_id
    db.session.commit()
    return page.url


def look(session_id: str) -> Outcome:
    """Read from Stripe whether a card was saved, and keep it; commits."""
    release()
    receipt = gateway().receipt(session_id)
    outcome = keep_card(receipt) if receipt else None
    db.session.commit()
    return outcome or Outcome.WAITING
