"""Writing a tariff, adopting it, taking it back. The caller commits."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.clashes import clash, clash_at
from portal.dues.models import DraftStatus, Tariff, TariffDraft
from portal.dues.needs import Unreadable
from portal.dues.plausible import why_not_priced
from portal.dues.queries.declarations import declared_members, members_paying_in
from portal.dues.rule_kinds import read_book
from portal.dues.rules import Book, Rule
from portal.dues.what_if import cap_minor
from portal.members.models import Decision

HEAD = ("code", "currency", "effective_from")


def draft(book: Book, explanation: str, by_id: int, prior: Tariff | None = None) -> TariffDraft:
    """A new draft with this book, which must be one that can be read."""
    book = {name: value for name, value in book.items() if name != "cap_minor"}
    code, currency, first = (str(book.pop(name)) for name in HEAD)
    made = TariffDraft(
        code=code, currency=currency, effective_from=date.fromisoformat(first), book=book,
        explanation=explanation, prior=prior, made_at=clock.now(), made_by_id=by_id,
        status=DraftStatus.DRAFT,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("tariffdraft.made", made, code=code, prior=prior.code if prior else "")
    return made


def _hold(one: TariffDraft) -> None:
    db.session.refresh(one, with_for_update=True)
    if one.status is not DraftStatus.DRAFT:
        raise Refused(f"This draft is {one.status.value}: it is not changed any more.")


def change_head(one: TariffDraft, *, code: str, currency: str, effective_from: date,
                explanation: str, **book: Any) -> None:  # fmt: skip
    """Everything but the rules. What is None in `book` is taken out of it."""
    _hold(one)
    one.code, one.currency, one.effective_from = code, currency, effective_from
    one.explanation = explanation
    kept = {name: value for name, value in one.book.items() if name not in book}
    one.book = kept | {name: value for name, value in book.items() if value is not None}
    audit.record("tariffdraft.changed", one, code=code, effective_from=effective_from)


def put_rule(one: TariffDraft, rule: Rule, place: int | None = None) -> None:
    """Add a rule, or put it in the place of another.

    Raises `Refused` when it contradicts a rule that is there.
    """
    _hold(one)
    rules = list(one.book["rules"])
    if place is None:
        rules.append(rule)
    else:
        rules[place] = rule
    if fault := clash_at(rules, len(rules) - 1 if place is None else place):
        raise Refused(fault)
    _set_rules(one, rules)
    audit.record("tariffdraft.rule", one, rule=rule)


def remove_rule(one: TariffDraft, place: int) -> None:
    _hold(one)
    rules = list(one.book["rules"])
    gone = rules.pop(place)
    _set_rules(one, rules)
    audit.record("tariffdraft.rule_removed", one, rule=gone)


def _set_rules(one: TariffDraft, rules: list[Rule]) -> None:
    one.book = {**one.book, "rules": rules}
    flag_modified(one, "book")


def adopt(one: TariffDraft, decision: Decision) -> Tariff:
    """Make a draft the tariff of every term that starts from its first day on.

    Raises `Refused` for a book that cannot be read, has rules that contradict each other, no dues
    or no price for a class that it has dues for, for a first day before the decision, and when a
    tariff of this code and currency begins on that day already.
    """
    _hold(one)
    _refuse_unpriced(one)
    if one.effective_from < decision.decided_on:
        raise Refused("A tariff begins on the day of its decision or later, never before.")
    _refuse_a_second(one)
    made = Tariff(
        code=one.code, currency=one.currency, effective_from=one.effective_from,
        decision=decision, explanation=one.explanation, book=_with_cap(one),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    one.tariff = made
    audit.move(one, DraftStatus.ADOPTED, f"{decision.body}, {decision.decided_on}")
    audit.record("tariff.adopted", made, code=made.code, decision=decision.title)
    return made


def _refuse_unpriced(one: TariffDraft) -> None:
    try:
        book = read_book(one.whole_book)
    except Unreadable as why:
        raise Refused(str(why)) from why
    if not book["rules"]:
        raise Refused("A tariff without a rule prices nothing: write one first.")
    if why_not := clash(book["rules"]) or why_not_priced(book):
        raise Refused(why_not)


def _with_cap(one: TariffDraft) -> Book:
    """The share that no group may exceed is an amount from now on, by what firms declared."""
    members = members_paying_in(one.currency) or declared_members()  # as what-if shows it
    cap = cap_minor(one.whole_book, members, one.effective_from)
    return one.book if cap is None else {**one.book, "cap_minor": cap}


def _refuse_a_second(one: TariffDraft) -> None:
    same = select(Tariff).where(
        Tariff.currency == one.currency, Tariff.effective_from == one.effective_from
    )
    found = db.session.scalars(same).first()
    if found:
        raise Refused(f"Tariff {found.code} begins on that day already: choose another day.")


def withdraw_draft(one: TariffDraft, why: str) -> None:
    _hold(one)
    audit.move(one, DraftStatus.WITHDRAWN, why)
