"""Questions about the association itself."""

from datetime import date

from flask import g

from portal.association.models import Association
from portal.core import clock
from portal.core.db import db

UNFOUNDED = {
    "name": "Member portal", "tagline": "", "address": "", "country": "NL", "tax_id": "",
    "bank_name": "", "iban": "", "bic": "", "zone": "UTC", "currency": "EUR",
    "invoice_series": "INV", "credit_series": "CRN", "due_days": 30, "decision_days": 15,
    "contact_name": "", "contact_email": "", "is_demo": False,
}  # fmt: skip


def association() -> Association:
    """The one row, read once a request; before `portal init` a row of dull defaults, unsaved."""
    if "association" not in g:
        g.association = db.session.get(Association, 1) or Association(id=1, **UNFOUNDED)
    return g.association


def today() -> date:
    """The business day in the association's zone."""
    return clock.today(association().zone)
