"""Firms, corporate groups, affiliations, membership and terms; the register of decisions."""

from flask import Blueprint, Flask

from portal.accounts import tokens
from portal.core import access
from portal.core.search import index
from portal.members import group_pages as group_pages
from portal.members import holdings as holdings
from portal.members import jobs as jobs
from portal.members import merge_pages as merge_pages
from portal.members import models as models
from portal.members import staff, views
from portal.members.actions import accept_invitation
from portal.members.queries import firm_documents, firm_roles, members_among
from portal.members.words import country, role

blueprints: tuple[Blueprint, ...] = (views.blueprint, staff.blueprint)

access.role_sources.append(firm_roles)
tokens.on_accept["firm"] = accept_invitation
index.sources["firm"] = firm_documents
index.still_open["firm"] = members_among


def init_app(app: Flask) -> None:
    """Pages name countries and roles in words."""
    app.jinja_env.filters["country"] = country
    app.jinja_env.filters["firm_role"] = role
