"""Two benchmarks: one published with a cell that had to be withheld, and one that is open."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.db import db
from portal.demo.seed.firms import Step, World, at
from portal.library.benchmarks import actions, queries
from portal.library.benchmarks.forms import ASKED, MAY_ANSWER
from portal.library.benchmarks.models import Survey
from portal.library.benchmarks.queries import Told
from portal.library.models import Practice
from portal.members.models import Organization
from portal.members.queries import roster

SITE_TYPES = ["Voice, mostly nights", "Voice, mostly days", "Chat and e-mail"]
REGIONS = {
    "Asia": {"PH", "IN"}, "Africa and Europe": {"ZA", "GB", "NL"},
    "Americas": {"US", "CA", "CO", "JM"},
}  # fmt: skip
USUAL = {SITE_TYPES[0]: 30, SITE_TYPES[1]: 22, SITE_TYPES[2]: 17}
WITHHELD = (SITE_TYPES[2], "Africa and Europe")
EXPLAINED_BY = "attrition-in-the-first-90-days"
OPEN_TO_ANSWER = "Narra Contact Services"  # the demo's manager answers it
INTRO = (
    "Demonstration: firms and figures are invented. Count everybody who began in the period, and "
    "how many of them were gone on their ninetieth day, whoever gave notice. Failing training "
    "counts. Weigh by the number of people who began."
)


def steps(world: World) -> Iterator[Step]:
    made: list[Survey] = []
    yield at(world.today - timedelta(days=70), 8), lambda: made.append(_ask(is_whole=True))
    yield at(world.today - timedelta(days=20), 8), lambda: _publish(made[0])
    yield at(world.today - timedelta(days=9), 8), lambda: made.append(_ask(is_whole=False))


def explain(_world: World) -> None:
    """Once the practices are there, the one that tells of the published survey leads to it."""
    practice = db.session.scalars(select(Practice).filter_by(slug=EXPLAINED_BY)).one()
    for one in db.session.scalars(queries.surveys()):
        one.practice = practice


def _ask(*, is_whole: bool) -> Survey:
    until = (today() - timedelta(days=150)).replace(day=1) - timedelta(days=1)
    since = (until - timedelta(days=70)).replace(day=1)
    if not is_whole:
        since, until = until + timedelta(days=1), today().replace(day=1) - timedelta(days=1)
    survey = actions.write(_facts(since, until))
    db.session.flush()
    actions.open_survey(survey)
    rng = random.Random(90)  # noqa: S311 - invented figures
    firms = db.session.scalars(queries.asked_firms(survey)).all()
    for firm in firms if is_whole else firms[::3]:
        if is_whole or firm.name != OPEN_TO_ANSWER:
            _answer(survey, firm, rng)
    return survey


def _facts(since: date, until: date) -> dict[str, object]:
    return {
        "title": f"Leavers in the first 90 days, {since:%b} to {until:%b %Y}", "intro": INTRO,
        "practice_id": None, "metric": "new hires who left within 90 days", "unit": "%",
        "most": 100, "weight_name": "hires", "period_from": since, "period_until": until,
        "site_types": SITE_TYPES, "regions": list(REGIONS), "asked_kinds": ASKED,
        "answer_roles": MAY_ANSWER, "min_contributors": 5, "max_share_percent": 25,
        "min_age_months": 3, "band": 5, "total_band": 10,
        "counsel_name": "Ilse Hoekstra (invented)",
        "counsel_signed_on": today() - timedelta(days=5), "closes_on": today() + timedelta(days=30),
    }  # fmt: skip


def _answer(survey: Survey, firm: Organization, rng: random.Random) -> None:
    person = _who(firm)
    if person is None:
        return
    region = next(name for name, countries in REGIONS.items() if firm.country in countries)
    told: dict[tuple[str, str], Told | None] = {}
    for site_type, usual in USUAL.items():
        if (site_type, region) != WITHHELD or rng.random() < 0.3:
            hires = min(90, max(25, (firm.headcount or 100) // 8))
            rate = Decimal(max(1, usual * 10 + rng.randint(-70, 70))) / 10
            told[site_type, region] = Told(rate, hires)
    actions.tell(survey, firm, person, told)


def _who(firm: Organization) -> Person | None:
    may = [one.person for one in roster(firm.id) if set(one.roles) & set(MAY_ANSWER)]
    return next(iter(may), None)


def _publish(survey: Survey) -> None:
    actions.close(survey)
    actions.publish(survey)
