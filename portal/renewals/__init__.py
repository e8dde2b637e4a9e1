"""What becomes of a membership after its first term: renewed, changed, reminded, left."""

from flask import Blueprint, Flask

from portal.dues.queries.kept_cards import leaving
from portal.dues.signals import invoice_settled
from portal.renewals import jobs as jobs
from portal.renewals import models as models
from portal.renewals import staff, views
from portal.renewals.actions import lift_for, renew
from portal.renewals.queries import has_resigned
from portal.renewals.staff import arrears as arrears
from portal.renewals.staff import firms as firms

blueprints: tuple[Blueprint, ...] = (views.blueprint, staff.blueprint)

# In the booking's own transaction: a renewal that is paid is a term, or neither is written.
invoice_settled.connect(renew)
invoice_settled.connect(lift_for)
leaving.append(has_resigned)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor: renewals listen to dues."""
