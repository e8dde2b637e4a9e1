"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.dues import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
