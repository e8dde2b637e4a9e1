"""What becomes of a membership after its first term: renewed, changed, reminded, left."""

from flask import Blueprint, Flask

from portal.core import merging
from portal.core.mail import bounced
from portal.dues.queries.asked import sizes_next
from portal.dues.queries.breaks import stays
from portal.dues.queries.claimed import foresee
from portal.dues.queries.kept_cards import leaving
from portal.dues.queries.late import last_days, runs_from
from portal.dues.signals import gift_left_out, invoice_credited, invoice_settled, numbers_signed
from portal.renewals import exports as exports
from portal.renewals import holdings as holdings
from portal.renewals import jobs as jobs
from portal.renewals import models as models
from portal.renewals import staff, views
from portal.renewals.actions import charge_for, forget_gift, let_go, lift_for, renew
from portal.renewals.actions.anew import foreseen_out
from portal.renewals.actions.passing_on import pass_on
from portal.renewals.offers import size_next
from portal.renewals.queries import has_resigned, interest_starts, resigned_until, stayed
from portal.renewals.queries.twins import futures_differ
from portal.renewals.staff import access as access
from portal.renewals.staff import arrears as arrears
from portal.renewals.staff import expelling as expelling
from portal.renewals.staff import firms as firms
from portal.renewals.staff import ladders as ladders
from portal.renewals.staff import reports as reports

blueprints: tuple[Blueprint, ...] = (views.blueprint, staff.blueprint)

# In the booking's own transaction: a renewal that is paid is a term, or neither is written.
bounced.connect(pass_on)
invoice_settled.connect(renew)
invoice_settled.connect(lift_for)
invoice_credited.connect(let_go)
invoice_credited.connect(lift_for)
gift_left_out.connect(forget_gift)
numbers_signed.connect(charge_for)
merging.objections.setdefault("organizations", []).append(futures_differ)
leaving.append(has_resigned)
stays.append(stayed)
last_days.append(resigned_until)
runs_from.append(interest_starts)
sizes_next.append(size_next)
foresee.append(foreseen_out)


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor: renewals listen to dues."""
