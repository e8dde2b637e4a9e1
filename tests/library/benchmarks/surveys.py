"""Surveys and answers for tests."""

from datetime import date, timedelta
from decimal import Decimal

from portal.core.db import db
from portal.library.benchmarks import actions
from portal.library.benchmarks.models import Survey, SurveyStatus
from portal.library.benchmarks.queries import Told
from portal.members import queries as members
from tests.make import business_day, make_contact, make_firm, make_membership, save

CELL = ("Voice", "Visayas")
RATES = (30, 22, 35, 18, 28, 40)
HIRES = (400, 260, 180, 120, 90, 50)


def make_survey(status="open", **facts):
    defaults = {
        "title": "First 90 days", "intro": "Everybody who began, whoever gave notice.",
        "metric": "new hires who left within 90 days", "unit": "%", "most": 100,
        "weight_name": "hires", "period_from": date(2026, 6, 1), "period_until": date(2026, 7, 31),
        "site_types": ["Voice", "Chat"], "regions": ["Visayas", "India"],
        "asked_kinds": ["provider_front"], "answer_roles": ["delegate", "roster_manager"],
        "min_contributors": 5, "max_share_percent": 25, "min_age_months": 3, "band": 5,
        "total_band": 10, "counsel_name": "Nadia Counsel", "counsel_signed_on": date(2026, 8, 1),
        "closes_on": business_day() + timedelta(days=10), "status": SurveyStatus(status),
        "results": {},
    }  # fmt: skip
    return save(Survey(**defaults | facts))


def answering(survey, value, weight, cell=CELL, group=None, role="delegate"):
    """A new firm that told one cell; whoever answered for it."""
    firm = make_firm(group=group)
    make_membership(firm)
    person = make_contact(firm, role)
    actions.tell(survey, firm, person, {cell: Told(Decimal(value), weight)})
    db.session.commit()
    return person


def firm_of(person):
    return members.firm_of(person)
