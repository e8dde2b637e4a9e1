"""Files of rows, in and out: imports with a dry run, exports that can be read in again."""

from flask import Blueprint, Flask

from portal.exchange import holdings as holdings
from portal.exchange import jobs as jobs
from portal.exchange import models as models
from portal.exchange import staff

blueprints: tuple[Blueprint, ...] = (staff.blueprint,)


def init_app(app: Flask) -> None:
    """Nothing else of the portal needs to know of it."""
