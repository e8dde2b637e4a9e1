"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.dues import auto_pay, staff, views, webhooks
from portal.dues import jobs as jobs
from portal.dues import models as models
from portal.dues.faces import attempt_words
from portal.dues.references import in_fours
from portal.dues.staff import invoices as invoices
from portal.dues.staff import provider as provider
from portal.dues.staff import reports as reports

blueprints: tuple[Blueprint, ...] = (
    views.blueprint, auto_pay.blueprint, staff.blueprint, webhooks.blueprint,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Account numbers are shown in groups of four, tries to collect in words."""
    app.jinja_env.filters["attempt_words"] = attempt_words
    app.jinja_env.filters["fours"] = in_fours
