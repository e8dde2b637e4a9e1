"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.dues import jobs as jobs
from portal.dues import models as models
from portal.dues import staff, views, webhooks
from portal.dues.references import in_fours
from portal.dues.staff import claims as claims
from portal.dues.staff import closing as closing
from portal.dues.staff import invoices as invoices
from portal.dues.staff import money as money
from portal.dues.staff import reports as reports

blueprints: tuple[Blueprint, ...] = (views.blueprint, staff.blueprint, webhooks.blueprint)


def init_app(app: Flask) -> None:
    """Account numbers and references are shown in groups of four."""
    app.jinja_env.filters["fours"] = in_fours
