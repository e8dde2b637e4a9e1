"""What members say beside a practice: for members alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.models import Person
from portal.library.answering import open_to
from portal.library.models import Practice, Proposal, Remark, Vote
from portal.library.proposals import shown_with
from portal.library.remarks import answered_about
from portal.library.voting import Score, score_of, vote_of


@dataclass(frozen=True)
class Beside:
    experiences: Sequence[Proposal]
    questions: Sequence[Remark]
    score: Score
    vote: Vote | None  # the reader's own, on this version
    asked: Sequence[Remark]  # of the reader, who is the author


def beside(practice: Practice, reader: Person) -> Beside:
    return Beside(
        shown_with(practice), answered_about(practice), score_of(practice),
        vote_of(practice, reader), open_to(practice, reader),
    )  # fmt: skip
