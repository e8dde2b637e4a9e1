"""An appeal against a declined application: the applicant's, and the decision of somebody else."""

from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import audit, clock, mail, working_days
from portal.core.states import IllegalMove, Refused
from portal.dues.models import Invoice
from portal.joining import queries
from portal.joining.actions.applying import hold
from portal.joining.actions.deciding import admit, note_decision
from portal.joining.models import Application, ApplicationStatus

S = ApplicationStatus


def appeal(application: Application, words: str) -> None:
    """Have somebody else look again, within 30 days; a new promise of an answer begins.

    Raises `Refused` when it is too late, or when the applicant has applied anew meanwhile.
    """
    hold(application)
    application.status.to(S.APPEALED)
    if queries.appeal_until(application) is None:
        raise Refused(f"The {queries.APPEAL_DAYS} days for an appeal are over: apply anew.")
    if other := queries.other_open(application):
        raise Refused(f"Your newer application {other.reference} is with us: it is decided first.")
    audit.move(application, S.APPEALED, "by the applicant")
    application.appeal, application.appealed_at = words, clock.now()
    application.deadline_on = working_days.after(today(), association().decision_days)
    mail.queue("joining/appealed", to=application.email, application=application)


def uphold(application: Application, reason: str, by: Person) -> None:
    """It stays declined, for good, for a reason in words."""
    _hear(application, by)
    audit.move(application, S.DECLINED_FINAL, reason)
    note_decision(application, reason, by)
    mail.queue("joining/upheld", to=application.email, application=application)


def overturn(application: Application, by: Person) -> Invoice:
    """The firm is admitted after all. Raises `Refused` as an approval does."""
    _hear(application, by)
    return admit(application, by)


def _hear(application: Application, by: Person) -> None:
    hold(application)
    if application.status is not S.APPEALED:
        raise IllegalMove(application.status, S.DECLINED_FINAL)
    if application.decided_by_id == by.id:
        raise Refused("Whoever declined does not decide on the appeal: leave it to a colleague.")
