"""Rules of one tariff that contradict each other. Pure.

Asked of what is written, brought in and adopted, never of a tariff that is in force: that one goes
on pricing what it was adopted for.
"""

from itertools import combinations

from portal.dues.rules import Rule, plain


def clash(rules: list[Rule]) -> str:
    """The first two rules that cannot stand beside each other, in a sentence; "" when all can."""
    pairs = combinations(range(len(rules)), 2)
    return next((words for pair in pairs if (words := _between(rules, *pair))), "")


def clash_at(rules: list[Rule], place: int) -> str:
    """What the rule at `place` contradicts: what others contradict is not its fault."""
    others = (other for other in range(len(rules)) if other != place)
    return next((words for other in others if (words := _between(rules, other, place))), "")


def _between(rules: list[Rule], other: int, place: int) -> str:
    """Rules without an id are known by their kind, and there may be several of those."""
    before, rule = rules[other], rules[place]
    where, there = f"Rule {place + 1}, {rule['kind']},", f"rule {other + 1}, {before['kind']}"
    if rule.get("id") and rule["id"] == before.get("id"):
        return f"{where} has the id “{rule['id']}” of {there}: each id names one rule."
    if rule["kind"] == before["kind"] == "seats" and (whose := _shared(before, rule)):
        return f"{where} prices the seats of {whose}, as {there} does: one rule has to."
    return ""


def _shared(one: Rule, other: Rule) -> str:
    """A class that both rules concern, as people say it; "" where there is none."""
    if one["classes"] == "*" or other["classes"] == "*":
        classes = one["classes"] if other["classes"] == "*" else other["classes"]
        return "every class" if classes == "*" else plain(classes[0])
    return next((plain(kind) for kind in one["classes"] if kind in other["classes"]), "")
