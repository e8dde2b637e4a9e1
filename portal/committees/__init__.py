"""Committees and who sits on them."""

from flask import Flask

from portal.committees import models as models
from portal.committees import staff, views
from portal.committees.queries import committee_roles
from portal.core import access

blueprints = (views.blueprint, staff.blueprint)

access.role_sources.append(committee_roles)


def init_app(app: Flask) -> None:
    """Nothing more to tell the ground floor."""
