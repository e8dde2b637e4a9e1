"""What a tariff asks beside the dues: joining, chapters, levies, gifts, seats, a trial."""

from dataclasses import dataclass
from fractions import Fraction

from portal.core.money import Money
from portal.dues.periods import NotQuotable
from portal.dues.rules import Book, Case, Price, Rule, tax_of, whole
from portal.dues.shapes import in_tiers, within_limits
from portal.dues.tariffs import rules_for

INCOME = {
    "joining_fee": "entry", "reinstatement_fee": "entry", "chapter_fee": "dues",
    "levy": "other", "donation": "gift",
}  # fmt: skip
NAMES = {
    "joining_fee": ("Joining fee", "once, at joining"),
    "reinstatement_fee": ("Reinstatement fee", "once, at coming back"),
    "chapter_fee": ("Chapter fee", "for the chapter"),
    "levy": ("Special levy", "as decided"),
    "donation": ("Gift", "given freely, may be left out"),
}


@dataclass(frozen=True)
class Fee:
    price: Price
    income: str
    in_part: bool  # the tariff says that a late joiner pays a part of it


def fee_prices(book: Book, case: Case) -> list[Fee]:
    """The fees that concern a case, in the order of the tariff. Raises `NotQuotable`."""
    rules = rules_for(book, case["class"], of=tuple(INCOME))
    return [_fee(rule, case) for rule in rules if _is_asked(rule, case)]


def _is_asked(rule: Rule, case: Case) -> bool:
    """The joining fee of who joins; a chapter's of its members; a gift when it is given."""
    if rule["kind"] == "joining_fee":
        return not case.get("renews")
    if rule["kind"] == "reinstatement_fee":
        return bool(case.get("reinstates"))
    if rule["kind"] == "chapter_fee":
        return rule["chapter"] in (case.get("chapters") or [])
    return rule["kind"] == "levy" or bool(case.get("donation"))


def _fee(rule: Rule, case: Case) -> Fee:
    kind = rule["kind"]
    name, reason = NAMES[kind]
    amount = case["donation"] if kind == "donation" else rule.get("amount")
    minor = whole(amount, name.lower())
    if rule.get("decision"):
        reason = f"{reason}, decision {rule['decision']}"
    price = Price(
        str(rule.get("id", kind)), rule.get("text") or name, minor, reason, tax=tax_of(rule)
    )
    return Fee(price, INCOME[kind], bool(rule.get("is_prorated")))


def seat_prices(book: Book, case: Case) -> list[Price]:
    """Seats beyond those the dues include, all of them on one line."""
    seats = whole(case.get("seats", 0), "number of seats")
    found = []
    for rule in rules_for(book, case["class"], of=("seats",)):
        included = whole(rule.get("included", 0), "number of seats included")
        most = rule.get("at_most")
        if most is not None and seats > whole(most, "number of seats"):
            raise NotQuotable(f"At most {most} seats can be taken.", code="seat_limit")
        extra = max(0, seats - included)
        if extra:
            found.append(_seats(rule, seats, included, extra, book["currency"]))
    return found


def _seats(rule: Rule, seats: int, included: int, extra: int, currency: str) -> Price:
    """The limits are of all of them together; where none is extra there is no minimum either."""
    facts = {"seats": seats, "included": included, "extra": extra}
    minor: Fraction | int
    if "tiers" in rule:
        minor, told = in_tiers(rule["tiers"], Fraction(extra), currency)
    else:
        each = whole(rule.get("price"), "price of a seat")
        facts["each"] = each
        minor, told = each * extra, f"{extra} at {Money(each, currency)}"
    reason = f"{seats} seats, {included} included, {told}"
    text = rule.get("text") or "Extra seats"
    price = Price(rule.get("id", "seats"), text, minor, reason, facts, tax_of(rule))
    return within_limits(rule, price, currency)


def trial_of(book: Book, case: Case) -> Price:
    """The price of a trial and, in its inputs, its months. Raises `NotQuotable` without one."""
    rule = trial_offered(book, case["class"])
    if rule is None:
        raise NotQuotable("The tariff offers no trial to this class.")
    months = whole(rule.get("months"), "length of the trial")
    minor = whole(rule.get("amount"), "price of the trial")
    text, reason = rule.get("text") or "Trial membership", f"{months} months, one price"
    inputs = {"months": months, "trial": True}
    return Price(rule.get("id", "trial"), text, minor, reason, inputs, tax_of(rule))


def takes_gifts(book: Book, kind: str) -> bool:
    return bool(rules_for(book, kind, of=("donation",)))


def trial_offered(book: Book, kind: str) -> Rule | None:
    """The rule by which a class may begin with a trial."""
    return next(iter(rules_for(book, kind, of=("trial",))), None)
