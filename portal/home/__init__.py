"""Front page, dashboard, search over everything, the staff desk."""

from flask import Blueprint, Flask

blueprints: tuple[Blueprint, ...] = ()


def init_app(app: Flask) -> None:
    """Tell the ground floor what this feature gives it."""
