"""What a person follows and is told, and what was told once."""

from flask import Flask

from portal.core import merging
from portal.notices import feeds, views
from portal.notices import holdings as holdings
from portal.notices import models as models

blueprints = (views.blueprint,)

merging.settlers.setdefault("people", []).append(feeds.once_one)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor."""
