"""The quote, the application, its review, the first invoice and term."""

from flask import Flask

from portal.dues.signals import invoice_settled
from portal.joining import holdings as holdings
from portal.joining import jobs as jobs
from portal.joining import models as models
from portal.joining import staff, views
from portal.joining.actions import activate

blueprints = (views.blueprint, staff.blueprint)

# In the booking's own transaction: a firm that has paid is a member, or neither is written.
invoice_settled.connect(activate)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor: joining listens to dues."""
