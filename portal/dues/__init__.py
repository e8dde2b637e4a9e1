"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.dues import jobs as jobs
from portal.dues import models as models
from portal.dues import webhooks

blueprints: tuple[Blueprint, ...] = (webhooks.blueprint,)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor: the imports above register models and jobs."""
