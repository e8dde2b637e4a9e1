"""Best practices: writing, review, search, frank case studies."""

from flask import Flask

from portal.core.search import index
from portal.library import holdings as holdings
from portal.library import models as models
from portal.library import queries, staff, views
from portal.library import search as search

blueprints = (views.blueprint, staff.blueprint)


def init_app(app: Flask) -> None:
    """Practices are found by the one search of the house."""
    index.sources["practice"] = queries.documents
