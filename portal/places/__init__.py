"""Jurisdictions: civic, state or provincial, national, supranational."""

from flask import Blueprint, Flask

from portal.places import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
