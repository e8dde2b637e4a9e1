"""What a firm's group changes of its price: asked of the firms that are members beside it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from portal.dues.declaring import facts_of
from portal.dues.models import InvoiceLine, Tariff
from portal.dues.queries.declarations import declared_members
from portal.dues.queries.tariffs import currencies_of
from portal.dues.rules import Case
from portal.dues.what_if import Member, facts_in_group
from portal.members.models import MembershipClass, Organization
from portal.members.queries import group_of


def group_facts(
    tariff: Tariff, firm: Organization, kind: MembershipClass, metrics: Mapping[str, str], on: date
) -> Case:
    """Who stands for its group, an affiliate's part, the cap: nothing where the tariff has none.

    And what was found of the firm, for discounts and chapters.

    The firm counts with the numbers it is priced by, the others as they declared, as far as
    they pay in the tariff's currency: sums in others are no part of its cap.
    """
    book, found = tariff.whole_book, facts_of(kind.value, firm.priced_by)
    if "group" not in book and "cap_minor" not in book:
        return found
    group = group_of(firm.id)
    mine = Member(
        firm.id, firm.name, kind.value, dict(metrics), None, group.id if group else 0,
        group.name if group else "",
    )  # fmt: skip
    beside = declared_members(group.id) if group else []
    pays = currencies_of({one.id for one in beside})
    others = [
        one for one in beside
        if (one.id, one.kind) != (mine.id, mine.kind) and pays[one.id] == tariff.currency
    ]  # fmt: skip
    return found | facts_in_group(book, [mine, *others], 0, on)


def group_charged(lines: Iterable[InvoiceLine]) -> dict[str, Any]:
    """What the group changed of the price that these lines charge."""
    return next((line.inputs["group"] for line in lines if "group" in line.inputs), {})


def at_most_the_cap(tariff: Tariff, charged: Mapping[str, Any]) -> dict[str, Any]:
    """What a group changed of a price, for numbers that were told since.

    Who was below the cap then, alone or with its group, pays no more than the cap by itself.
    """
    cap = tariff.book.get("cap_minor")
    return dict(charged) if cap is None else {"cap": cap, **charged}
