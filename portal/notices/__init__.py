"""What a person follows and is told, and what was told once."""

from flask import Flask

from portal.notices import models as models
from portal.notices import views

blueprints = (views.blueprint,)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor."""
