"""When two records may be of one firm: by number, by domain, by a name that is much the same."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import urlsplit

# Legal forms and words that firms of this trade share: they tell no firm from another.
FORMS = frozenset((
    "inc", "incorporated", "corp", "corporation", "co", "company", "llc", "llp", "ltd", "limited",
    "plc", "pty", "pvt", "private", "bv", "nv", "sa", "sas", "sarl", "srl", "spa", "gmbh", "ag",
    "oy", "ab", "as", "the",
))  # fmt: skip
# Where anybody has an address: such a domain says nothing of the firm.
PUBLIC_MAIL = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "icloud.com", "aol.com", "gmx.com", "gmx.de", "mail.com", "proton.me", "protonmail.com",
    "zoho.com", "yandex.com", "qq.com", "163.com",
))  # fmt: skip
ALIKE = 0.88  # of 1: a letter or two may differ


@dataclass(frozen=True)
class Facts:
    """What is compared of a firm; domains are without `www.`."""

    country: str
    number: str
    name: str
    domains: frozenset[str]


def facts_of(
    country: str, number: str | None, name: str, website: str = "", *emails: str
) -> Facts:
    found = {_domain(website), *(one.partition("@")[2].lower() for one in emails)}
    domains = frozenset(found - PUBLIC_MAIL - {""})
    return Facts(country, normal_number(number or ""), normal_name(name), domains)


def normal_number(text: str) -> str:
    """Letters and digits alone: `CS-2019 / 0042` is `cs20190042`."""
    return re.sub(r"[^a-z0-9]", "", _plain(text))


def normal_name(text: str) -> str:
    """Without accents, signs and the legal form: `Sampaguita Care, Inc.` is `sampaguita care`."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"[.'’]", "", _plain(text)))
    kept = [word for word in words if word not in FORMS]
    return " ".join(kept or words)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _domain(website: str) -> str:
    address = website.strip().lower()
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return host.removeprefix("www.") if "." in host else ""


def why_alike(one: Facts, other: Facts) -> str:
    """The strongest reason to take two for one, in words; nothing when there is none."""
    if one.country == other.country and one.number and one.number == other.number:
        return "same registration number"
    if one.domains & other.domains:
        return f"same domain {min(one.domains & other.domains)}"
    if one.country == other.country and names_alike(one.name, other.name):
        return "name much the same"
    return ""


def names_alike(one: str, other: str) -> bool:
    """Both as `normal_name` gives them."""
    if not one or not other:
        return False
    if one == other or sorted(one.split()) == sorted(other.split()):
        return True
    pair = SequenceMatcher(None, one, other)
    return pair.quick_ratio() >= ALIKE and pair.ratio() >= ALIKE
