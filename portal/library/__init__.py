"""Best practices: writing, review, search, frank case studies."""

from flask import Blueprint, Flask

from portal.library import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
