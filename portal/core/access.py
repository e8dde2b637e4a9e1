"""Who may do what. Every view declares it; an undeclared view stops the app."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from portal.core.config import Settings

View = TypeVar("View", bound=Callable[..., object])

login = LoginManager()
login.login_view = "accounts.sign_in"
login.login_message = "Sign in to see that page."


class Role(StrEnum):
    """A kind of person; the first six follow from a firm or a committee, the rest are granted."""

    CONTACT = "contact"  # has a firm here, whatever its membership
    MEMBER = "member"  # and that firm's membership is in force or in grace
    MANAGER = "manager"  # keeps the firm's roster
    DUES_CONTACT = "dues_contact"
    SIGNATORY = "signatory"  # signs what the firm declares
    COMMITTEE = "committee"  # sits on a committee
    MEMBERSHIP = "membership"
    FINANCE = "finance"
    EDITOR = "editor"
    KEYHOLDER = "keyholder"  # an editor who may open who stands behind a pseudonym
    EVENTS = "events"
    POLICY = "policy"
    ADMIN = "admin"


STAFF_ROLES = (
    Role.ADMIN, Role.MEMBERSHIP, Role.FINANCE, Role.EDITOR, Role.KEYHOLDER, Role.EVENTS,
    Role.POLICY,
)  # fmt: skip


class Permission(StrEnum):
    FIRM_READ = "firm:read"
    FIRM_MANAGE = "firm:manage"
    FIRM_PAY = "firm:pay"
    FIRM_DECLARE = "firm:declare"
    LIBRARY_READ = "library:read"
    LIBRARY_WRITE = "library:write"
    LIBRARY_IDENTITIES = "library:identities"
    EVENTS_REGISTER = "events:register"
    EVENTS_MANAGE = "events:manage"
    BILLS_FOLLOW = "bills:follow"
    BILLS_MANAGE = "bills:manage"
    COMMITTEE_NOTES = "committee:notes"
    STAFF_DESK = "staff:desk"
    FIRMS_READ = "firms:read"
    FIRMS_MANAGE = "firms:manage"
    APPLICATIONS_REVIEW = "applications:review"
    DUES_READ = "dues:read"
    DUES_MANAGE = "dues:manage"
    ASSOCIATION_MANAGE = "association:manage"
    ROLES_GRANT = "roles:grant"
    AUDIT_READ = "audit:read"
    JOBS_READ = "jobs:read"


P = Permission
_MEMBER = frozenset({P.LIBRARY_READ, P.EVENTS_REGISTER, P.BILLS_FOLLOW})
_STAFF = _MEMBER | {P.STAFF_DESK, P.FIRMS_READ}

FIRMS_OWN = frozenset({P.FIRM_READ, P.FIRM_MANAGE, P.FIRM_PAY, P.FIRM_DECLARE})

ROLES: dict[Role, frozenset[Permission]] = {
    Role.CONTACT: frozenset({P.FIRM_READ, P.BILLS_FOLLOW}),
    Role.MEMBER: _MEMBER,
    Role.MANAGER: frozenset({P.FIRM_MANAGE}),
    Role.DUES_CONTACT: frozenset({P.FIRM_PAY}),
    Role.SIGNATORY: frozenset({P.FIRM_DECLARE}),
    Role.COMMITTEE: frozenset({P.COMMITTEE_NOTES}),
    Role.MEMBERSHIP: _STAFF | {P.FIRMS_MANAGE, P.APPLICATIONS_REVIEW, P.DUES_READ},
    Role.FINANCE: _STAFF | {P.DUES_READ, P.DUES_MANAGE},
    Role.EDITOR: _STAFF | {P.LIBRARY_WRITE},
    Role.KEYHOLDER: _STAFF | {P.LIBRARY_WRITE, P.LIBRARY_IDENTITIES},
    Role.EVENTS: _STAFF | {P.EVENTS_MANAGE},
    Role.POLICY: _STAFF | {P.BILLS_MANAGE, P.COMMITTEE_NOTES},
    Role.ADMIN: frozenset(P) - FIRMS_OWN - {P.COMMITTEE_NOTES, P.LIBRARY_IDENTITIES},
}


class Person(Protocol):
    """What a signed-in person is, as far as this module needs to know."""

    id: int


# Each feature that gives people roles puts a function here: person -> roles.
role_sources: list[Callable[[Person], Iterable[Role]]] = []
# Each may send a signed-in person elsewhere first (the second factor), or let them pass.
gates: list[Callable[[], ResponseReturnValue | None]] = []
# Endpoints that are the same for everybody: nobody is looked up for them.
asks_nobody = {"static"}


def roles_of(person: Person) -> frozenset[Role]:
    """Every role of `person` now; asked once a request, so a revoked role is gone on the next."""
    return frozenset(role for source in role_sources for role in source(person))


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    return frozenset().union(*(ROLES[role] for role in roles))


def asker() -> Any:
    """The signed-in person whose request this is; None for a visitor, and where nobody asks."""
    is_known = current_user and current_user.is_authenticated
    return current_user._get_current_object() if is_known else None


def _mark(view: View, needed: str) -> View:
    view.access = needed  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody may see it; the view itself shows less to strangers."""
    return _mark(view, "public")


def signed_in(view: View) -> View:
    return _mark(view, "signed_in")


def requires(permission: Permission) -> Callable[[View], View]:
    return lambda view: _mark(view, permission)


def needed_for(endpoint: str | None) -> str:
    """What the view declares; `public` for static files and for addresses that do not exist."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "access", "public")


def check() -> ResponseReturnValue | None:
    """Runs before every request; the one place that refuses a kind of person."""
    needed = needed_for(request.endpoint)
    if request.endpoint is None or request.endpoint in asks_nobody:
        return None
    if not current_user.is_authenticated:
        return None if needed == "public" else cast("ResponseReturnValue", login.unauthorized())
    if needed not in {"public", "signed_in"} and not current_user.may(needed):
        abort(403)
    for gate in gates:
        elsewhere = gate()
        if elsewhere is not None:
            return elsewhere
    return None


def require_every_view_to_declare(app: Flask) -> None:
    views = app.view_functions.items()
    missing = {name for name, view in views if not hasattr(view, "access")} - {"static"}
    if missing:
        raise RuntimeError(f"views with no declared access: {', '.join(sorted(missing))}")


def init_app(app: Flask, settings: Settings) -> None:
    login.init_app(app)
    app.before_request(check)
