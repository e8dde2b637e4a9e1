"""Firms, groups, affiliations, seats, membership and terms; the register of decisions."""

from flask import Blueprint, Flask
from flask_login import current_user

from portal.accounts import tokens
from portal.core import access
from portal.core.bounces import came_back, mended
from portal.core.db import db
from portal.core.search import index
from portal.members import bounce_pages as bounce_pages
from portal.members import group_pages as group_pages
from portal.members import hold_pages as hold_pages
from portal.members import holdings as holdings
from portal.members import jobs as jobs
from portal.members import merge_pages as merge_pages
from portal.members import models as models
from portal.members import staff
from portal.members.actions import (
    accept_invitation,
    accept_way_in,
    begin_succession,
    end_succession,
)
from portal.members.models import Organization
from portal.members.queries import firm_documents, firm_roles, found, members_among
from portal.members.views import blueprint, ways
from portal.members.views import firms as firms
from portal.members.views import people as people
from portal.members.words import LANGUAGES, country, role

blueprints: tuple[Blueprint, ...] = (blueprint, staff.blueprint)

# In the transaction in which the mail came back, or arrived again.
came_back.connect(begin_succession)
mended.connect(end_succession)
access.role_sources.append(firm_roles)
access.gates.append(ways.choose_first)
tokens.on_accept["firm"] = accept_invitation
tokens.on_accept["join"] = accept_way_in
index.sources["firm"] = firm_documents
index.sources["person"] = found.person_documents
index.still_open["firm"] = members_among
index.still_open["person"] = found.still_there


def init_app(app: Flask) -> None:
    """Pages name countries and roles in words, and the firm that somebody chose to act for."""
    app.jinja_env.filters["country"] = country
    app.jinja_env.filters["firm_role"] = role
    app.jinja_env.globals["acting_firm"] = acting_firm
    app.jinja_env.globals["languages"] = LANGUAGES


def acting_firm() -> str:
    """Its name; nothing for who works at one firm only."""
    chosen = current_user.acting_for
    found = db.session.get(Organization, chosen) if chosen else None
    return found.name if found else ""
