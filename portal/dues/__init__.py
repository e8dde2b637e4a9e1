"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.core import merging
from portal.dues import export_pages as export_pages
from portal.dues import holdings as holdings
from portal.dues import jobs as jobs
from portal.dues import models as models
from portal.dues import staff, views, webhooks
from portal.dues.queries.groups import currencies_differ, dues_figure
from portal.dues.references import in_fours
from portal.dues.staff import invoices as invoices
from portal.dues.staff import reports as reports
from portal.members import groups

blueprints: tuple[Blueprint, ...] = (views.blueprint, staff.blueprint, webhooks.blueprint)

groups.figures.append(dues_figure)
merging.objections.setdefault("organizations", []).append(currencies_differ)


def init_app(app: Flask) -> None:
    """Account numbers and references are shown in groups of four."""
    app.jinja_env.filters["fours"] = in_fours
