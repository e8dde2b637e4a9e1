"""What is counted over the simulated year."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.core import mail
from portal.core.db import db
from portal.core.jobs import Job
from portal.dues.models import Account, Posting
from portal.dues.queries import ageing
from portal.members.queries import live_firm_ids


@dataclass(frozen=True)
class Day:
    """The state at the end of a day; money in minor units of the association's currency."""

    on: date
    members: int
    owed: int
    overdue: int
    received: int  # since the first day


@dataclass
class Year:
    first_on: date
    seed: int
    days: list[Day] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)  # of firms, and of who admits them
    books: Counter[str] = field(default_factory=Counter)  # of the treasurer
    faults: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    twice: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def count(self, act: str) -> None:
        """One more of these; "" is nothing."""
        self.acts.update([act] if act else [])

    def count_of_treasurer(self, act: str) -> None:
        self.books.update([act] if act else [])

    def note(self, day: date) -> None:
        buckets = ageing(day)
        arrived = select(func.coalesce(func.sum(Posting.minor), 0)).where(
            Posting.account.in_((Account.BANK, Account.CARD_CLEARING)),
            Posting.on >= self.first_on,
            Posting.payment_id.is_not(None),  # a fee and a payout are no payer's money
        )
        count = select(func.count()).select_from(live_firm_ids(day).subquery())
        self.days.append(
            Day(
                day, db.session.scalar(count) or 0, sum(one.minor for one in buckets),
                sum(one.minor for one in buckets if one.name != "not yet due"),
                int(db.session.scalar(arrived) or 0),
            )
        )  # fmt: skip

    def close(self, world: Any, wrong: list[str]) -> None:
        """The last look: `wrong` is what the proofs over the books and the record found."""
        self.wrong = wrong
        self.faults.update(world.ordered)
        self.faults["mail server refused"] = world.mail.refused
        self.mails = sum(world.mail.message_ids.values())
        seen = {**world.mail.message_ids, **world.mail.letters}
        self.twice = sorted(one for one, times in seen.items() if times > 1)
        undone = select(Job.handler, Job.error).where(
            Job.done_at.is_(None), Job.error.is_not(None)
        )
        self.waiting = [f"{handler}: {error}" for handler, error in db.session.execute(undone)]
        unsent = db.session.scalar(
            select(func.count(mail.OutgoingMail.id)).where(mail.OutgoingMail.sent_at.is_(None))
        )
        if unsent:
            self.waiting.append(f"{unsent} mails did not leave")

    @property
    def is_well(self) -> bool:
        return not (self.wrong or self.twice or self.waiting)
