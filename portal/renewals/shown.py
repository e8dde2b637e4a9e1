"""Which membership of a firm a page is about: each class is renewed and left on its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, g, request, url_for
from flask_login import current_user

from portal.association.queries import today
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.web import find, row_number
from portal.dues.queries import paying_firm_ids
from portal.members import queries as members
from portal.members.models import (
    CLASS_NAMES,
    FirmRole,
    Membership,
    Organization,
    Overlay,
    OverlayKind,
    Term,
)
from portal.members.overlays import overlays_of
from portal.members.standing import FirmState
from portal.renewals import queries


@dataclass(frozen=True)
class Mine:
    """The firm that the signed-in person deals with money for, and the term that decides."""

    firm: Organization
    term: Term | None

    @property
    def membership(self) -> Membership:
        return self.term.membership if self.term else abort(404)

    @property
    def running(self) -> Term:
        """The term in force; the page is not there without one."""
        return queries.term_on(self.membership.id, today()) or abort(404)


def mine(*roles: FirmRole) -> Mine:
    """404 for whoever holds none of these roles (a payer's, when none is named) at their firm."""
    held = members.affiliation_of(current_user)
    if held is None:
        abort(404)
    pays = held.organization_id in paying_firm_ids(current_user.id)
    if not (set(held.roles) & set(roles) if roles else pays):
        abort(404)
    return Mine(held.organization, term_shown(held.organization_id))


def term_shown(firm_id: int) -> Term | None:
    """The last term of the membership in the address (`of`), else of the current one.

    Where the firm has several, every link and form of the page keeps to this one. 404 when it
    is another firm's.
    """
    if "of" in request.args:
        number = current_id(Membership, row_number("of"))
        g.of = find(Membership, id=number, organization_id=firm_id).id
        return queries.last_term_of(firm_id, g.of)
    term = queries.last_term_of(firm_id)
    if term:
        keep(term.membership)
    return term


def keep(membership: Membership) -> None:
    """The page is about this one, where the firm has others beside it."""
    if queries.class_among(membership):
        g.of = membership.id


def class_shown() -> str:
    """Of the membership that the page is about, where it must be said which one."""
    return CLASS_NAMES[db.session.get_one(Membership, g.of).kind] if "of" in g else ""


def keep_to_it(endpoint: str, values: dict[str, Any]) -> None:
    """Into every address of a firm's membership goes the one that this page is about."""
    if "of" in g and (endpoint.startswith("renewals.") or "organization_id" in values):
        values.setdefault("of", g.of)


@dataclass(frozen=True)
class Held:
    """A membership of a firm as its page tells of it, with the address of its own page."""

    membership: Membership
    state: FirmState
    overlays: Sequence[Overlay]
    url: str
    is_shown: bool

    @property
    def name(self) -> str:
        return CLASS_NAMES[self.membership.kind]

    @property
    def is_suspended(self) -> bool:
        laid = [one for one in self.overlays if one.kind is OverlayKind.SUSPENSION]
        return any(one.holds_on(today()) for one in laid)


def told_of(firm: Organization, term: Term | None, page: str, **where: Any) -> dict[str, Any]:
    """For the template: the state and overlays of the membership shown, and of which it is one.

    `page` is the endpoint of the page. Of a firm without an open membership it is the state of
    them all.
    """
    of = g.get("of") or (term.membership_id if term else None)
    listed = [one for one in firm.memberships if one.ended_on is None or one.id == of]
    laid = overlays_of("membership", [one.id for one in firm.memberships])
    found = [
        Held(
            one, members.state_in(one), [each for each in laid if each.subject_id == one.id],
            url_for(page, of=one.id, **where), one.id == of,
        )
        for one in listed
    ]  # fmt: skip
    shown = next((one for one in found if one.is_shown), None)
    return {
        "state": shown.state if shown else members.state_of(firm),
        "overlays": shown.overlays if shown else laid,
        "among": found if len(found) > 1 else [],
    }  # fmt: skip
