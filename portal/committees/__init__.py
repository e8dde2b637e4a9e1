"""Committees and who sits on them."""

from flask import Blueprint, Flask

from portal.committees import models as models
from portal.committees.queries import committee_roles
from portal.core import access

blueprints: tuple[Blueprint, ...] = ()

access.role_sources.append(committee_roles)


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
