"""Proving that a mail domain is a firm's own. The caller commits."""

from datetime import timedelta

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.secrets import hashed, new_secret
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import Refused
from portal.members import queries
from portal.members.mail_domains import looks_like_another, plain_domain
from portal.members.models import FirmDomain, Organization

AGAIN = timedelta(minutes=10)


def add_domain(
    organization: Organization, text: str, mailbox: str, *, is_open: bool
) -> FirmDomain:
    """Mail the link that proves a domain to one of its mailboxes; again after ten minutes.

    Raises `Refused` for a domain that is nobody's own, or another firm's, or looks like one.
    """
    domain = plain_domain(text)
    _refuse_another_firms(organization, domain)
    found = db.session.scalar(
        select(FirmDomain).filter_by(organization_id=organization.id, domain=domain)
    )
    if found and found.verified_at:
        raise Refused(f"{domain} is proven already.")
    if found and found.asked_at > clock.now() - AGAIN:
        raise Refused("A link was mailed a moment ago. Wait ten minutes before the next.")
    secret = new_secret()
    if found is None:
        found = FirmDomain(organization=organization, domain=domain)
        db.session.add(found)
    found.is_open, found.secret_hash, found.asked_at = is_open, hashed(secret), clock.now()
    db.session.flush()
    to = f"{mailbox}@{domain}"
    mail.queue("members/prove_domain", to=to, firm=organization, domain=domain, secret=secret)
    audit.record("firm_domain.asked", found, domain=domain, to=to)
    return found


def _refuse_another_firms(organization: Organization, domain: str) -> None:
    group = queries.group_of(organization.id)
    ours = {organization.id}
    if group:
        ours |= {one.id for one in db.session.scalars(queries.firms_of_group(group.id))}
    proven = db.session.scalars(queries.proven_domains())
    others = {one.domain for one in proven if one.organization_id not in ours}
    if domain in others or looks_like_another(domain, others):
        raise Refused(
            "This domain, or one that looks like it, stands for another firm: write to us."
        )


def prove_domain(found: FirmDomain, proof: str) -> None:
    """Raises `Refused` when another firm proved it, or one like it, in the meantime."""
    _refuse_another_firms(found.organization, found.domain)
    found.verified_at, found.proof = clock.now(), proof
    audit.record("firm_domain.proven", found, domain=found.domain, proof=proof)


def confirm_domain(found: FirmDomain, by: Person) -> None:
    """Staff have checked by other means that the domain is the firm's."""
    if found.verified_at is None:
        prove_domain(found, f"checked by {by.display_name}")


def remove_domain(found: FirmDomain) -> None:
    """Nobody joins by it any more; who did stays."""
    audit.record("firm_domain.removed", found.organization, domain=found.domain)
    db.session.delete(found)
