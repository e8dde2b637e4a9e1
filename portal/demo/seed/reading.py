"""What members keep of the library: a checklist half filled, reading lists, follows."""

from datetime import timedelta

from sqlalchemy import select

from portal.committees.models import Committee
from portal.core import clock
from portal.core.db import db
from portal.demo.seed.firms import World
from portal.library import following, reading, runs
from portal.library.models import Answer, Practice
from portal.library.runs import Said
from portal.members.queries import firm_of

VISIT = "due-diligence-site-visit"
NOTES = (
    "Told us the day, not the hours", "", "Two people left out: both on leave that week",
    "", "No answer from the landlord yet", "",
)  # fmt: skip
ON_NIGHTS = (
    ("night-transport-what-cities-have-tried", "Read this before the meeting with the city."),
    ("pay-respect-and-productivity", ""),
    ("attrition-in-the-first-90-days", "The table by shift is what we lack."),
)


def keep(world: World) -> None:
    """The manager's firm visits a site; the policy committee reads about nights."""
    practices = {one.slug: one for one in db.session.scalars(select(Practice))}
    person, helper = world.people["manager"], world.people["person"]
    firm = firm_of(person)
    if firm and VISIT in practices:
        run = runs.start(practices[VISIT], firm, "Second site, before signing", person)
        runs.settle(run, run.title, person.id, [helper.id])
        due = clock.now().date() + timedelta(days=14)
        for number, item in enumerate(runs.items_of(run)[:34]):
            note = NOTES[number % len(NOTES)]
            answer = Answer.NO if number % 8 == 2 else Answer.YES
            said = (
                Said(answer, note, helper.id, due) if answer is Answer.NO else Said(answer, note)
            )
            runs.say(run, item, said, helper if number % 3 else person)
    policy = db.session.scalar(select(Committee).filter_by(slug="policy"))
    if policy:
        chair = world.people["chair"]
        made = reading.start(chair, "Night work, before the January meeting",
                             "What members have tried, and what cities answered.", policy.id)  # fmt: skip
        for slug, note in ON_NIGHTS:
            reading.add(made, practices[slug], note)
        reading.mark(chair, practices[ON_NIGHTS[0][0]], is_read=True)
    following.follow(practices[ON_NIGHTS[0][0]], person)
