"""Which invoices a bank line pays: five rules in a fixed order, each with its reason in words."""

import enum
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher

from portal.core.money import Money
from portal.dues.references import number, rf_reference

ALIKE = 62  # of 100: how alike two names must be to be suggested
LEGAL_FORMS = {
    "ab", "ag", "bpo", "bv", "co", "company", "corp", "corporation", "gmbh", "inc",
    "incorporated", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pte", "pty", "pvt", "sa",
    "sas", "sarl", "sl", "spa", "srl", "the",
}  # fmt: skip


class Ground(enum.StrEnum):
    """Why money is taken to pay an invoice; the order is the order of the rules."""

    REFERENCE = "reference"
    OTHER_AMOUNT = "other_amount"
    KNOWN_HOLDER = "known_holder"
    NAME = "name"
    HAND = "hand"  # a person chose

    @property
    def words(self) -> str:
        return {
            Ground.REFERENCE: "Certain", Ground.OTHER_AMOUNT: "Likely",
            Ground.KNOWN_HOLDER: "Likely", Ground.NAME: "Possible", Ground.HAND: "Chosen by hand",
        }[self]  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """An invoice as matching sees it; `owed` may be nothing when it is named all the same."""

    id: int
    number: str
    payer: str
    organization_id: int | None
    currency: str
    owed: int
    due_on: date
    early: int = 0  # what settles it by `early_until`, where it can be paid early
    early_until: date | None = None

    def seen_by(self, came: "Came") -> "Claim":
        """Money that came by the early day and is exactly the less settles the claim."""
        is_in_time = came.on and self.early_until and came.on <= self.early_until
        is_less = came.money.minor == self.early
        return replace(self, owed=self.early) if is_in_time and is_less else self


@dataclass(frozen=True)
class Came:
    """An incoming line; `numbers` are the invoice numbers found in its words."""

    money: Money
    counterparty: str
    numbers: Sequence[str]
    holders: Collection[int]  # firms for whom this account holder paid before
    on: date | None = None


@dataclass(frozen=True)
class Proposal:
    """Shares of the line in minor units by invoice; `confidence` is of 100."""

    ground: Ground | None
    confidence: int
    why: str
    shares: tuple[tuple[int, int], ...] = ()
    payout_id: int | None = None  # the payout of the card processor that came
    payment_id: int | None = None  # the payment that staff entered by hand before
    payment_ids: tuple[int, ...] = ()  # those of a slip, which the line is the sum of
    refund_id: int | None = None  # the refund that staff sent by their bank

    @property
    def words(self) -> str:
        return self.ground.words if self.ground else "Unknown"


def numbers_in(text: str, series: Iterable[str]) -> list[str]:
    """The invoice numbers in a text, bare or in an RF reference, however they are spaced.

    A reference whose check digits do not fit names no invoice: one of its figures is wrong.
    """
    names = [r"\W*".join(name) for name in sorted(set(series), key=len, reverse=True)]
    if not names:
        return []
    pattern = rf"(?:RF\W*(\d\W*\d)\W*)?({'|'.join(names)})((?:\W*\d){{10}})(?!\d)"
    found = []
    for match in re.finditer(pattern, text.upper(), re.ASCII):
        check, name, figures = (re.sub(r"\W", "", part or "") for part in match.groups())
        said = number(name, int(figures[:4]), int(figures[4:]))
        if not check or rf_reference(said)[2:4] == check:
            found.append(said)
    return list(dict.fromkeys(found))


def propose(came: Came, claims: Sequence[Claim]) -> Proposal:
    """The first rule that fits, over the open invoices and those that the line names."""
    same = [one.seen_by(came) for one in claims if one.currency == came.money.currency]
    named = [one for one in same if one.number in came.numbers]
    exact = [one for one in same if one.owed == came.money.minor]
    return (
        _by_reference(came, named)
        or _by_holder(came, exact)
        or _by_name(came, exact)
        or Proposal(None, 0, _why_unknown(came))
    )


def _by_reference(came: Came, named: Sequence[Claim]) -> Proposal | None:
    if not named:
        return None
    names = " and ".join(one.number for one in named)
    owed = Money(sum(one.owed for one in named), came.money.currency)
    if owed == came.money:
        shares = tuple((one.id, one.owed) for one in named)
        return Proposal(
            Ground.REFERENCE, 100, f"It names {names}, and exactly this is owed.", shares
        )
    parts: list[tuple[int, int]] = []
    left = came.money.minor
    for one in sorted(named, key=lambda one: (one.due_on, one.id)):
        part = min(one.owed, left)
        parts += [(one.id, part)] if part else []
        left -= part
    return Proposal(Ground.OTHER_AMOUNT, *_other_amount(names, owed, came.money), tuple(parts))


def _other_amount(names: str, owed: Money, came: Money) -> tuple[int, str]:
    if not owed:
        return 60, f"It names {names}, on which nothing is owed: it would be the payer's credit."
    if came < owed:
        return 80, f"It names {names}, a part of it: {owed - came} would still be owed."
    return 80, f"It names {names} and is {came - owed} more than is owed: the payer's credit."


def _by_holder(came: Came, exact: Sequence[Claim]) -> Proposal | None:
    if len(came.holders) != 1:
        return None
    theirs = [one for one in exact if one.organization_id in came.holders]
    if len(theirs) != 1:
        return None
    (only,) = theirs
    why = (
        f"This account holder paid for {only.payer} before, and {only.number} is their only "
        "invoice of this amount."
    )
    return Proposal(Ground.KNOWN_HOLDER, 75, why, ((only.id, only.owed),))


def _by_name(came: Came, exact: Sequence[Claim]) -> Proposal | None:
    """The name most alike among the invoices of this amount, unless two payers are equally so."""
    rated = sorted(
        ((likeness(came.counterparty, one.payer), one) for one in exact),
        key=lambda pair: (-pair[0], pair[1].due_on, pair[1].id),
    )
    if not rated or rated[0][0] < ALIKE:
        return None
    best, claim = rated[0]
    if any(ratio == best and other.payer != claim.payer for ratio, other in rated):
        return None
    how = "is" if best == 100 else "reads like"
    why = f"The amount is that of {claim.number}, and the name {how} {claim.payer}."
    return Proposal(Ground.NAME, 30 + best * 3 // 10, why, ((claim.id, claim.owed),))


def _why_unknown(came: Came) -> str:
    if came.counterparty:
        return "It names no invoice, and no open invoice has this amount and a name like this."
    return "It names no invoice and no payer."


def words_of(name: str) -> list[str]:
    """A name without accents, marks and legal forms, its words in order of the alphabet."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    words = re.findall(r"[^\W_]+", letters.replace(".", "").replace("'", ""))
    return sorted(set(words) - LEGAL_FORMS) or sorted(set(words))


def likeness(one: str, other: str) -> int:
    """Of two names, of 100; one that holds every word of the other is nearly the same."""
    these, those = words_of(one), words_of(other)
    if not these or not those:
        return 0
    ratio = int(100 * SequenceMatcher(None, " ".join(these), " ".join(those)).ratio())
    smaller = min(these, those, key=len)
    is_within = set(these) <= set(those) or set(those) <= set(these)
    return max(ratio, 90) if is_within and len("".join(smaller)) >= 4 else ratio
