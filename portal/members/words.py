"""Names of things for people: countries, roles, classes."""

from babel import Locale

from portal.members.models import AdmissionOrder, BaseYear, Counting, FirmRole, Votes
from portal.members.renewing import Return

TERRITORIES = Locale("en").territories
NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}
COUNTRIES = {
    str(code): str(name)
    for code, name in sorted(TERRITORIES.items(), key=lambda one: str(one[1]))
    if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
}
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

VOTES = {
    Votes.FULL: "Votes on everything", Votes.SCOPED: "Votes on some matters",
    Votes.NONE: "No vote",
}  # fmt: skip
ADMISSIONS = {
    AdmissionOrder.APPROVE_THEN_PAY: "Is admitted first, then pays",
    AdmissionOrder.PAY_THEN_APPROVE: "Pays first, then we decide",
}
COUNTINGS = {
    Counting.CONTACT_CENTRE_ONLY: "Those who work in the contact centre only",
    Counting.WHOLE_ORGANIZATION: "The whole organization",
    Counting.SITE: "One site",
    Counting.COUNTRY: "All that is in one country",
    Counting.GROUP: "The whole group",
}
BASE_YEARS = {
    BaseYear.PREVIOUS: "The year before", BaseYear.CURRENT: "The current year",
    BaseYear.PROJECTED: "The current year, as expected",
}  # fmt: skip
COMEBACKS = {
    Return.BACKDATE: "By paying the gap: seniority stays",
    Return.RESTART: "From the day of payment",
    Return.REJOIN: "By joining anew",
}


def country(code: str) -> str:
    """`Philippines` of `PH`; a code that is not known stays as it is."""
    return str(TERRITORIES.get(code, code))


def role(value: str) -> str:
    """`Dues contact`: the name without its explanation."""
    return ROLE_NAMES[FirmRole(value)]


LANGUAGES = {
    "en": "English", "es": "Español", "fr": "Français", "de": "Deutsch", "pt": "Português",
}  # fmt: skip
