"""Tariffs, invoices, payments, the ledger and settlement with Stripe."""

from flask import Blueprint, Flask

from portal.core import merging
from portal.dues import auto_pay, staff, views, webhooks
from portal.dues import export_pages as export_pages
from portal.dues import holdings as holdings
from portal.dues import jobs as jobs
from portal.dues import models as models
from portal.dues import retention as retention
from portal.dues.actions import forfeit_early, one_card, reward_early, seats_credited, seats_paid
from portal.dues.faces import attempt_words
from portal.dues.queries.approvals import both_signed
from portal.dues.queries.arrears import owes_too_long
from portal.dues.queries.groups import currencies_differ, dues_figure
from portal.dues.references import in_fours
from portal.dues.signals import invoice_credited, invoice_settled, money_came, money_went
from portal.dues.staff import allowances as allowances
from portal.dues.staff import approvals as approvals
from portal.dues.staff import bank as bank
from portal.dues.staff import bank_acts as bank_acts
from portal.dues.staff import bank_files as bank_files
from portal.dues.staff import claims as claims
from portal.dues.staff import closing as closing
from portal.dues.staff import comparing as tariffs_compared  # noqa: F401 - its views
from portal.dues.staff import declared as declared
from portal.dues.staff import exchanging as exchanging
from portal.dues.staff import invoices as invoices
from portal.dues.staff import journal as journal
from portal.dues.staff import lobbying as lobbying_compared  # noqa: F401 - its views
from portal.dues.staff import money as money
from portal.dues.staff import navigation as navigation
from portal.dues.staff import payers as payers
from portal.dues.staff import provider as provider
from portal.dues.staff import reports as reports
from portal.dues.staff import reversing as reversing
from portal.dues.staff import slips as slips
from portal.dues.staff import taxing as taxing
from portal.dues.staff import versions as versions
from portal.dues.staff import writing as writing
from portal.dues.views import allowances as firm_allowances  # noqa: F401
from portal.dues.views import declarations as declarations
from portal.dues.views import invoices as firm_invoices  # noqa: F401 - their views
from portal.dues.views import payers as firm_payers  # noqa: F401
from portal.dues.views import seats as firm_seats  # noqa: F401
from portal.members import groups, overlays

blueprints: tuple[Blueprint, ...] = (
    views.blueprint, auto_pay.blueprint, staff.blueprint, webhooks.blueprint,
)  # fmt: skip

# In the booking's own transaction: seats that are paid are there, who paid early owes less, and
# all of it again when that money went back.
invoice_settled.connect(seats_paid)
money_came.connect(reward_early)
money_went.connect(forfeit_early)
invoice_credited.connect(seats_credited)
overlays.owes_too_long.append(owes_too_long)
groups.figures.append(dues_figure)
merging.objections.setdefault("organizations", []).append(currencies_differ)
merging.objections.setdefault("people", []).append(both_signed)
merging.settlers.setdefault("organizations", []).append(one_card)


def init_app(app: Flask) -> None:
    """Account numbers are shown in groups of four, tries to collect in words."""
    app.jinja_env.filters["attempt_words"] = attempt_words
    app.jinja_env.filters["fours"] = in_fours
