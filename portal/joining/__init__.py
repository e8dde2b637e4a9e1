"""The quote, the application, its review, the first invoice and term."""

from flask import Flask

from portal.dues.signals import invoice_settled, invoice_shown
from portal.joining import holdings as holdings
from portal.joining import jobs as jobs
from portal.joining import models as models
from portal.joining import retention as retention
from portal.joining import staff, views
from portal.joining.actions import settled
from portal.joining.queries import said_of

blueprints = (views.blueprint, staff.blueprint)

# In the booking's own transaction: what a payment brings is written with it, or neither is.
invoice_settled.connect(settled)
invoice_shown.connect(said_of)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor: joining listens to dues."""
