"""Questions about the ways to a firm: mail domains, codes and requests."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.accounts.secrets import hashed
from portal.core import clock
from portal.core.db import db
from portal.members.mail_domains import domain_of
from portal.members.models import FirmDomain, JoinCode, JoinRequest, Organization, RequestStatus


def domains_of(organization_id: int) -> Sequence[FirmDomain]:
    query = select(FirmDomain).where(FirmDomain.organization_id == organization_id)
    return db.session.scalars(query.order_by(FirmDomain.domain)).all()


def proven_domains(domain: str = "") -> Select[FirmDomain]:
    """Domains that were proven, by firm; only that very domain when it is named."""
    query = select(FirmDomain).where(FirmDomain.verified_at.is_not(None))
    query = query.join(FirmDomain.organization).options(joinedload(FirmDomain.organization))
    if domain:
        query = query.where(FirmDomain.domain == domain)
    return query.order_by(Organization.name)


def firms_by_address(email: str) -> Sequence[FirmDomain]:
    """The firms that an address belongs to; a subdomain is another domain."""
    return db.session.scalars(proven_domains(domain_of(email))).all()


def live_code_of(organization_id: int) -> JoinCode | None:
    query = _live_codes().where(JoinCode.organization_id == organization_id)
    return db.session.scalars(query.order_by(JoinCode.id.desc())).first()


def live_code(code: str) -> JoinCode | None:
    """The code as somebody typed it; unknown, used up, revoked and expired look alike."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return db.session.scalar(_live_codes().where(JoinCode.code == plain))


def _live_codes() -> Select[JoinCode]:
    query = select(JoinCode).where(JoinCode.revoked_at.is_(None))
    return query.where(JoinCode.expires_at > clock.now(), JoinCode.used < JoinCode.most)


def open_requests(organization_id: int) -> Sequence[JoinRequest]:
    query = select(JoinRequest).where(
        JoinRequest.organization_id == organization_id, JoinRequest.status == RequestStatus.OPEN
    )
    return db.session.scalars(
        query.options(joinedload(JoinRequest.person)).order_by(JoinRequest.id)
    ).all()


def requests_of(person_id: int) -> Sequence[JoinRequest]:
    """What a person asked and nobody answered yet."""
    query = select(JoinRequest).where(
        JoinRequest.person_id == person_id, JoinRequest.status == RequestStatus.OPEN
    )
    return db.session.scalars(query.options(joinedload(JoinRequest.organization))).all()


def domain_of_link(secret: str) -> FirmDomain | None:
    """The domain that a mailed link proves; None when it was proven or asked for anew."""
    query = select(FirmDomain).where(FirmDomain.secret_hash == hashed(secret))
    return db.session.scalar(query.where(FirmDomain.verified_at.is_(None)))
