"""What each role of an affiliation may do: the table of the rules, as data."""

import enum
from collections.abc import Iterable

from portal.members.models import FirmRole


class Power(enum.StrEnum):
    VOTE = "vote"
    VOTE_INSTEAD = "vote_instead"  # while the delegate is absent, or recused as a person
    SEE_INVOICES = "see_invoices"
    PAY = "pay"
    SIGN = "sign"
    MANAGE_ROSTER = "manage_roster"
    EDIT_LISTING = "edit_listing"
    EDIT_SHOWCASE = "edit_showcase"
    ATTEST = "attest"


P, R = Power, FirmRole
POWERS: dict[FirmRole, frozenset[Power]] = {
    R.DELEGATE: frozenset({P.VOTE, P.SEE_INVOICES, P.ATTEST}),
    R.ALTERNATE: frozenset({P.VOTE_INSTEAD, P.ATTEST}),
    R.DUES_CONTACT: frozenset({P.SEE_INVOICES, P.PAY, P.SIGN, P.ATTEST}),
    R.ROSTER_MANAGER: frozenset({P.MANAGE_ROSTER, P.EDIT_LISTING, P.ATTEST}),
    R.SIGNATORY: frozenset({P.SIGN, P.ATTEST}),
    R.PRESS_CONTACT: frozenset({P.EDIT_SHOWCASE}),
    R.STAFF: frozenset(),
}

ONE_ONLY = (R.DELEGATE, R.ALTERNATE)  # at most one of each in a firm
ALWAYS = (R.ROSTER_MANAGER, R.DUES_CONTACT)  # never without one
ATTESTED = (R.DELEGATE, R.ALTERNATE, R.DUES_CONTACT)  # asked every year
# Who deals with the money while there is no dues contact, in this order.
STAND_IN = (R.ROSTER_MANAGER, R.DELEGATE)
_MONEY = frozenset({P.SEE_INVOICES, P.PAY})


def powers_of(roles: Iterable[str], of_firm: Iterable[str] = ()) -> frozenset[Power]:
    """What somebody with `roles` may do, when the people of their firm hold `of_firm` together.

    Invoices of a firm without a dues contact go to its roster manager, then to its delegate.
    """
    mine, all_roles = set(roles), set(of_firm)
    found: frozenset[Power] = frozenset().union(*(POWERS[FirmRole(role)] for role in mine))
    if all_roles and R.DUES_CONTACT not in all_roles:
        deputy = next((role for role in STAND_IN if role in all_roles), None)
        return found | _MONEY if deputy in mine else found
    return found


def may_order(roles: Iterable[str]) -> bool:
    """Who buys seats: the dues contact, and the roster manager, who then need not see the rest."""
    return may(Power.PAY, roles) or may(Power.MANAGE_ROSTER, roles)


def may(power: Power, roles: Iterable[str]) -> bool:
    return power in powers_of(roles)
