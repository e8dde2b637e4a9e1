"""What members say of the library: cases, experiences, votes, reports and questions."""

from datetime import timedelta

from sqlalchemy import select

from portal.core.db import db
from portal.demo.seed.firms import World
from portal.library import proposals, remarks, voting
from portal.library.models import (
    Naming,
    Practice,
    Proposal,
    ProposalKind,
    RemarkKind,
    RemarkStatus,
)
from portal.library.proposals import Words, propose

TRIED = (  # account, days ago, practice, title, how it went, how openly, what happened, numbers, not again
    ("manager", 40, "A33", "Two buses, and a third that nobody took", "mixed", "named",
     "We put three night buses on the routes that agents drew on a map themselves. Two were full within a week; "
     "the third ran almost empty, because its agents live behind a bridge that is closed at night.",
     "Lateness on the night shift fell from 11% to 4%; EUR 9 a ride.", "Order a bus before somebody has ridden the route at two in the morning."),
    ("rival", 26, "A10", "Calibration without managers", "positive", "named",
     "We let four agents and one quality analyst calibrate alone on Tuesdays, and send managers the notes only. "
     "Agents began to disagree aloud, which they had never done before.",
     "Spread of scores on the same contact: 19 points before, 8 after ten weeks.", ""),
    ("committee", 15, "A37", "The buddy scheme ran dry", "negative", "chatham_house",
     "Every newcomer had a buddy for 90 days. By the fourth intake the good buddies were tired and asked for "
     "overtime, and we had promised them nothing for it.",
     "First-90-day leavers 31% before, 22% in the second intake, 29% in the fifth.", "Start it without paying the buddies."),
)  # fmt: skip
CASE = (
    "We let the sales team write the ramp-up plan", "We promised 120 trained agents in nine weeks. Training had "
    "said fourteen; nobody asked them again. In week ten we took calls with 64 people, and paid penalties for a quarter.",
    "120 promised, 64 there in week ten; penalties of 7% of the quarter’s fees.",
    "We would not sign a ramp-up that the people who train have not read, and we would not sell weeks that nobody has.",
)  # fmt: skip
GUIDE = (
    "A page that agents may tear off", "We print the three sentences that end a call badly on a page beside the "
    "screen, and what to say instead. Agents rewrite the page each month and sign it.", "Repeat calls fell from 17% to 13%.", "",
)  # fmt: skip


def speak(world: World) -> None:
    """Some of it is answered; a case under a pseudonym, a report and a question wait."""
    practices = {one.ref: one for one in db.session.scalars(select(Practice))}
    _tell(world, practices)
    _propose(world)
    _vote(world, practices)
    reader, editor_says = (
        world.people["person"],
        "We asked the author: the city paid two thirds of it.",
    )
    asked = remarks.ask("Who paid for the bus while it ran empty?", reader, practices["A33"])
    remarks.answer(asked, RemarkStatus.ANSWERED, editor_says)
    remarks.ask(
        "How do others pay agents for the minutes of a closed bridge?", reader, practices["A33"]
    )
    said = "The year under the second table cannot be right: the law came later."
    remarks.report(RemarkKind.ERROR, practices["A35"], said, world.people["rival"])


def _tell(world: World, practices: dict[str, Practice]) -> None:
    for account, days, ref, title, outcome, naming, happened, numbers, not_again in TRIED:
        words = Words(ProposalKind.EXPERIENCE, title, happened, numbers, not_again, outcome, Naming(naming),
                      practice=practices[ref])  # fmt: skip
        made = propose(words, world.people[account])
        proposals.take(made, "", world.people["editor"])
        _date(made, days)


def _propose(world: World) -> None:
    """One waits under a pseudonym; one was declined with a reason."""
    case = Words(ProposalKind.CASE, *CASE, "negative", Naming.ANONYMISED, "A provider in Asia")
    _date(propose(case, world.people["manager"]), 2)
    guide = propose(
        Words(ProposalKind.PRACTICE, *GUIDE, "positive", Naming.NAMED), world.people["person"]
    )
    proposals.decline(
        guide, "A24 says it already; tell it there, as what you tried: it would be welcome."
    )
    _date(guide, 9)


def _date(made: Proposal, days: int) -> None:
    made.sent_at -= timedelta(days=days)
    if made.answered_at:
        made.answered_at = made.sent_at + timedelta(days=1)


def _vote(world: World, practices: dict[str, Practice]) -> None:
    readers = [one for staff in world.staff_of.values() for one in staff]
    for ref, votes in (("A33", 14), ("A10", 12), ("A37", 17), ("A21", 6)):
        for number, reader in enumerate(readers[:votes]):
            text = "The table is what I came for." if number == 3 else ""
            voting.vote(practices[ref], reader, text, is_useful=number % 5 != 1)
