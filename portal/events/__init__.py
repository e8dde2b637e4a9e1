"""Events, registrations, waiting lists."""

from flask import Blueprint, Flask

from portal.events import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
