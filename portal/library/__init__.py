"""Best practices: writing, review, search, frank case studies."""

from flask import Flask

from portal.core.search import index
from portal.library import attachment_views, attachments, queries, staff, views
from portal.library import holdings as holdings
from portal.library import jobs as jobs
from portal.library import models as models
from portal.library import search as search

blueprints = (views.blueprint, staff.blueprint, attachment_views.blueprint)


def init_app(app: Flask) -> None:
    """Practices are found by the one search of the house."""
    index.sources["practice"] = queries.documents
    index.sources["attachment"] = attachments.documents
