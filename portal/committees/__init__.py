"""Committees and who sits on them."""

from flask import Flask

from portal.committees import holdings as holdings
from portal.committees import models as models
from portal.committees import staff, views
from portal.committees.actions import sit_once
from portal.committees.queries import committee_roles, seats_figure
from portal.core import access, merging
from portal.members import groups

blueprints = (views.blueprint, staff.blueprint)

access.role_sources.append(committee_roles)
groups.figures.append(seats_figure)
merging.settlers.setdefault("people", []).append(sit_once)


def init_app(app: Flask) -> None:
    """Nothing more to tell the ground floor."""
