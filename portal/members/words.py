"""Names of things for people: countries, roles, classes."""

from babel import Locale

from portal.members.models import FirmRole

TERRITORIES = Locale("en").territories
ROLE_WORDS = {
    FirmRole.DELEGATE: "Delegate, casts the vote",
    FirmRole.ALTERNATE: "Alternate, votes for the delegate",
    FirmRole.ROSTER_MANAGER: "Roster manager, keeps this list",
    FirmRole.DUES_CONTACT: "Dues contact, sees and pays invoices",
    FirmRole.SIGNATORY: "Signatory, signs declarations",
    FirmRole.PRESS_CONTACT: "Press contact",
    FirmRole.STAFF: "Colleague",
}
ROLE_NAMES = {role: words.partition(",")[0] for role, words in ROLE_WORDS.items()}


def country(code: str) -> str:
    """`Philippines` of `PH`; a code that is not known stays as it is."""
    return str(TERRITORIES.get(code, code))


def role(value: str) -> str:
    """`Dues contact`: the name without its explanation."""
    return ROLE_NAMES[FirmRole(value)]
