"""What a tariff's rules charge for a whole period, exactly, before any part of it is taken.

The order is fixed: the shape of the rule, its minimum and maximum, the group's share, the cap,
one discount.
"""

from dataclasses import replace
from fractions import Fraction

from portal.dues.periods import NotQuotable
from portal.dues.rules import Book, Case, Price, Rule, concerns, exact, in_money, plain, whole
from portal.dues.shapes import SHAPES, price_of

# Fees beside the dues: each is a line of its own, and only asked of whom it concerns.
FEES = ("joining_fee", "reinstatement_fee", "chapter_fee", "levy", "donation")
KINDS = (*SHAPES, "kept_price", *FEES, "seats", "discount", "early_payment", "trial",
         "allowance")  # fmt: skip


def rules_for(book: Book, kind: str, *, of: tuple[str, ...]) -> list[Rule]:
    """The rules of some kinds that apply to a class. Raises `NotQuotable` for an unknown kind."""
    rules = book.get("rules", [])
    for rule in rules:
        if rule.get("kind") not in KINDS:
            raise NotQuotable(f"The tariff has an unknown rule: {rule.get('kind')!r}.")
    return [rule for rule in rules if rule["kind"] in of and concerns(rule, kind)]


def dues_prices(book: Book, case: Case) -> list[Price]:
    """What the class and the metrics of `case` cost a period. Raises `NotQuotable`."""
    kind = str(case.get("class") or "")
    kept = _kept(book, case)
    rules = [kept] if kept else rules_for(book, kind, of=tuple(SHAPES))
    if not rules:
        raise NotQuotable(f"The tariff has no price for {plain(kind) or 'a firm of no class'}.")
    currency = book["currency"]
    found = [price_of(rule, case, currency) for rule in rules]
    found = [_capped(_group_share(one, book, case), case, currency) for one in found]
    told = [_with_group(one, book, case) for one in found]
    return [_with_early(_discounted(one, book, case), one.minor, book, case) for one in told]


def _kept(book: Book, case: Case) -> Rule | None:
    """The old price that firms named by a fact keep for terms that begin by a day."""
    rule = next(iter(_in_time(case, _meant_for(case, book, "kept_price"))), None)
    if rule is None:
        return None
    text = rule.get("text") or f"Dues, price kept until {rule['until']}"
    return {"id": rule.get("id", "kept_price")} | rule | {"kind": "flat", "text": text}


def _with_group(price: Price, book: Book, case: Case) -> Price:
    """What the group changed stands beside the price: the term keeps it until its end.

    So does what was known of the firm, where the tariff asks for it.
    """
    told = in_group(case) | _known(book, case)
    return replace(price, inputs=price.inputs | {"group": told}) if told else price


def in_group(case: Case) -> Case:
    """What a case says of the firm's group: a part as an affiliate, the others' numbers, a cap."""
    told = {name: case.get(name) for name in ("is_affiliate", "others", "cap")}
    return {
        name: value for name, value in told.items() if value is not None and value is not False
    }


def _known(book: Book, case: Case) -> Case:
    asked = {"facts": "if", "chapters": "chapter"}
    found = {
        name: sorted({one.get(key) for one in book["rules"]} & set(case.get(name) or ()))
        for name, key in asked.items()
    }
    return {name: names for name, names in found.items() if names}


def _group_share(price: Price, book: Book, case: Case) -> Price:
    """An affiliate of a member pays a part, where the tariff says so; the parent pays whole."""
    rule = book.get("group") or {"kind": "each_entity"}
    if rule["kind"] not in {"each_entity", "aggregate", "affiliate_share"}:
        raise NotQuotable(f"The tariff treats groups by {rule['kind']!r}, which is not known.")
    if rule["kind"] == "aggregate" and case.get("is_affiliate"):
        return replace(price, minor=0, reason="paid by the group's one fee")
    if rule["kind"] != "affiliate_share" or not case.get("is_affiliate"):
        return price
    percent = exact(rule.get("percent"), "affiliate's share")
    return replace(
        price,
        minor=price.minor * percent / 100,
        reason=f"{price.reason}; {rule['percent']} % as an affiliate of a member",
    )


def _capped(price: Price, case: Case, currency: str) -> Price:
    """No group pays more than the cap: clipped before any part is taken."""
    cap = case.get("cap")
    if cap is None or price.minor <= whole(cap, "cap"):
        return price
    reason = f"{price.reason}; lowered from {in_money(price.minor, currency)} to the cap"
    return replace(price, minor=cap, reason=reason)


def _discounted(price: Price, book: Book, case: Case) -> Price:
    """The one discount that is worth most, and on top of it those that say so, one by one.

    Each of these takes its part of what the ones before it have left.
    """
    rules = _in_time(case, _meant_for(case, book, "discount"))
    usual = [rule for rule in rules if not rule.get("is_on_top")]
    best = max(usual, key=lambda rule: _off(price.minor, rule), default=None)
    price = _less(price, best, book) if best else price
    for rule in rules:
        price = _less(price, rule, book) if rule.get("is_on_top") else price
    return price


def _in_time(case: Case, rules: list[Rule]) -> list[Rule]:
    """Those that a term which begins on the day of the case still has."""
    on = str(case["joined_on"])
    return [rule for rule in rules if not rule.get("until") or on <= str(rule["until"])]


def _less(price: Price, rule: Rule, book: Book) -> Price:
    off = _off(price.minor, rule)
    less, why = in_money(off, book["currency"]), rule.get("text") or "discount"
    decided = f", decision {rule['decision']}" if rule.get("decision") else ""
    reason = f"{price.reason}; less {less}, {why}{decided}"
    return replace(price, minor=price.minor - off, reason=reason)


def _meant_for(case: Case, book: Book, kind: str) -> list[Rule]:
    facts = case.get("facts") or []
    rules = rules_for(book, str(case["class"]), of=(kind,))
    return [rule for rule in rules if not rule.get("if") or rule["if"] in facts]


def _with_early(price: Price, before: Fraction | int, book: Book, case: Case) -> Price:
    """What paying early takes off `price`, by the first rule that fits.

    `before` is the price without its discount: unless the rule says that it is given on top, only
    the larger of the two counts.
    """
    rule = next(iter(_meant_for(case, book, "early_payment")), None)
    if rule is None:
        return price
    given = before - price.minor
    is_on_top = rule.get("is_on_top")
    off = _off(price.minor, rule) if is_on_top else max(0, _off(before, rule) - given)
    days = whole(rule.get("days"), "number of days")
    told = {"early_days": days} | ({"early_until": rule["until"]} if rule.get("until") else {})
    return replace(price, early=off, inputs=price.inputs | told) if off else price


def _off(minor: Fraction | int, rule: Rule) -> Fraction | int:
    if "percent" in rule:
        return minor * min(exact(rule["percent"], "discount"), Fraction(100)) / 100
    return min(minor, whole(rule.get("amount"), "discount"))
