"""People: signing in, second factor, invitations, roles."""

from flask import Blueprint, Flask

from portal.accounts import models as models
from portal.accounts.queries import granted_roles, person_of_session
from portal.core import access

blueprints: tuple[Blueprint, ...] = ()

access.login.user_loader(person_of_session)
access.role_sources.append(granted_roles)


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
