"""The quote, the application, its review, the first invoice and term."""

from flask import Blueprint, Flask

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
