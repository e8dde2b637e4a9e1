"""Events, registrations, waiting lists."""

from flask import Flask

from portal.core.search import index
from portal.dues.signals import invoice_credited, invoice_settled
from portal.events import holdings as holdings
from portal.events import jobs as jobs
from portal.events import models as models
from portal.events import queries, staff, views
from portal.events.actions import confirm_paid, release_credited

blueprints = (views.blueprint, staff.blueprint)

# In the booking's own transaction: the seats of a paid invoice are confirmed with it.
invoice_settled.connect(confirm_paid)
invoice_credited.connect(release_credited)


def init_app(app: Flask) -> None:
    """Events are found by the one search of the house."""
    index.sources["event"] = queries.documents
