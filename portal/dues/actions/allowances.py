"""What a firm uses of what its membership includes, counted under a lock on its term."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.models import AllowanceUse
from portal.dues.queries.allowances import allowances_in, uses_in
from portal.members import actions as members
from portal.members.models import Term


@dataclass(frozen=True)
class Used:
    """What a page says was used; each showing of the page has a name of its own."""

    of: str
    amount: int
    used_on: date
    what_for: str
    page_key: str | None = None


def use_allowance(term: Term, used: Used) -> AllowanceUse:
    """Recorded once, though the same page is sent again. The caller commits.

    Raises `Refused` where the term has no such allowance, not so much of it is left, or the day
    is none of the term so far.
    """
    members.hold_term(term)
    if again := _again(term, used):
        return again
    allowance = next((one for one in allowances_in(term) if one.of == used.of), None)
    if allowance is None:
        raise Refused("This membership does not include it any more.")
    if not term.start_on <= used.used_on <= allowance.last_day:
        days = f"from {term.start_on} to {allowance.last_day}"
        raise Refused(f"Enter a day of the term so far, {days}.")
    if used.amount > allowance.left:
        left, granted = max(allowance.left, 0), allowance.granted
        raise Refused(f"{left} of {granted} left in this term: enter no more.")
    return _add(term, used)


def take_back(use: AllowanceUse) -> None:
    """It was not used after all. Taken back once, whoever asks again. The caller commits."""
    members.hold_term(use.term)
    undone = select(AllowanceUse.id).filter_by(undoes_id=use.id)
    if use.amount > 0 and db.session.scalar(undone) is None:
        _add(use.term, Used(use.of, -use.amount, use.used_on, use.what_for), undoes_id=use.id)


def _again(term: Term, used: Used) -> AllowanceUse | None:
    told = vars(used).items()
    same = (one for one in uses_in([term]) if all(getattr(one, what) == is_ for what, is_ in told))
    return next(same, None) if used.page_key else None


def _add(term: Term, used: Used, undoes_id: int | None = None) -> AllowanceUse:
    made = AllowanceUse(term=term, **vars(used), undoes_id=undoes_id, made_at=clock.now())
    db.session.add(made)
    verb = "allowance.taken_back" if undoes_id else "allowance.used"
    day, amount = str(used.used_on), abs(used.amount)
    audit.record(verb, term.membership.organization, of=used.of, amount=amount, day=day)
    return made
