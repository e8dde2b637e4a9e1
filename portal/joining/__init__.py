"""The quote, the application, its review, the first invoice and term."""

from flask import Blueprint, Flask

from portal.joining import models as models

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
