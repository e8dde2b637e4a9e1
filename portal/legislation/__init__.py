"""Measures: bills, rules, ordinances; their stages, followers and notes."""

from flask import Flask

from portal.core.search import index
from portal.legislation import holdings as holdings
from portal.legislation import jobs as jobs
from portal.legislation import models as models
from portal.legislation import places, queries, staff, views
from portal.legislation.views import following as following
from portal.places.views import sections

blueprints = (views.blueprint, staff.blueprint)

sections.append(places.section)


def init_app(app: Flask) -> None:
    """Measures are found by everybody; notes by their committee alone."""
    index.sources["measure"] = queries.documents
    index.sources["committee_note"] = queries.note_documents
