"""What happened to a firm, newest first, from the facts themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.association.queries import day_of
from portal.members.models import CLASS_NAMES, Affiliation, Organization, Term
from portal.members.words import role


@dataclass(frozen=True)
class Happening:
    on: date
    text: str
    meta: str = ""
    now: bool = False


def timeline_of(firm: Organization, affiliations: list[Affiliation]) -> list[Happening]:
    """Terms with their ends, people who came and left, groups joined and left."""
    found = [
        Happening(day_of(firm.created_at), "Entered in the register"),
        *_terms(firm), *_people(affiliations), *_groups(firm),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.on, reverse=True)


def _terms(firm: Organization) -> Iterator[Happening]:
    for membership in firm.memberships:
        kind = CLASS_NAMES[membership.kind]
        for term in membership.terms:
            if term.cancelled_at:
                yield Happening(day_of(term.cancelled_at), "Term cancelled", term.end_reason or "")
            else:
                yield Happening(term.start_on, f"Term begins: {kind}", _until(term))
            if term.ended_early_on:
                yield Happening(term.ended_early_on, "Term ended early", term.end_reason or "")


def _until(term: Term) -> str:
    invoice = term.price_snapshot.get("invoice")
    until = f"until {term.end_on.day} {term.end_on:%b %Y}"
    return f"{until}, invoice {invoice}" if invoice else until


def _people(affiliations: list[Affiliation]) -> Iterator[Happening]:
    for one in affiliations:
        name, roles = one.person.display_name, ", ".join(role(each) for each in one.roles)
        yield Happening(one.from_on, f"{name} joined the firm's people", roles)
        if one.until_on:
            yield Happening(one.until_on, f"{name} left the firm")


def _groups(firm: Organization) -> Iterator[Happening]:
    for one in firm.group_memberships:
        yield Happening(one.from_on, f"Part of the group {one.group.name}")
        if one.until_on:
            yield Happening(one.until_on, f"No longer part of the group {one.group.name}")
