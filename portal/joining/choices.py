"""What an applicant may choose where the tariff has it: chapters, a gift, a trial to begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.core.money import parse
from portal.dues.fees import takes_gifts, trial_offered
from portal.dues.rules import Book, concerns


@dataclass(frozen=True)
class Choices:
    chapters: tuple[str, ...] = ()
    gift_minor: int = 0
    is_trial: bool = False


def chapters_of(book: Book, kind: str) -> list[str]:
    """The chapters that a class may join, in the order of the tariff."""
    rules = [one for one in book["rules"] if one["kind"] == "chapter_fee" and concerns(one, kind)]
    return list(dict.fromkeys(one["chapter"] for one in rules))


def chosen(told: Mapping[str, Any], book: Book, kind: str, currency: str) -> Choices:
    """What was told, as far as this tariff has it for the class."""
    offered = chapters_of(book, kind)
    names = tuple(one for one in told.get("chapters") or () if one in offered)
    gift = told.get("gift") if takes_gifts(book, kind) else None
    is_trial = bool(told.get("trial")) and trial_offered(book, kind) is not None
    return Choices(names, parse(gift, currency).minor if gift else 0, is_trial)
