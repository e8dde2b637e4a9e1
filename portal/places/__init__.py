"""Jurisdictions: civic, state or provincial, national, supranational."""

from flask import Flask

from portal.places import models as models
from portal.places import views

blueprints = (views.blueprint,)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor."""
