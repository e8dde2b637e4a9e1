"""Firms, corporate groups, affiliations, membership and terms; the register of decisions."""

from flask import Blueprint, Flask

from portal.core import access
from portal.members import models as models
from portal.members.queries import firm_roles

blueprints: tuple[Blueprint, ...] = ()

access.role_sources.append(firm_roles)


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
