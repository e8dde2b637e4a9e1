"""What a person follows and is told."""

from flask import Blueprint, Flask

from portal.notices import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
