"""The menu: what each kind of person finds in the masthead."""

from dataclasses import dataclass

from flask import request, url_for
from flask_login import current_user

from portal.core.access import Permission


@dataclass(frozen=True)
class Item:
    text: str
    url: str
    is_here: bool


@dataclass(frozen=True)
class Navigation:
    role: str  # public | member | staff
    items: tuple[Item, ...]


PUBLIC = (
    ("Bills", "legislation.index"),
    ("Practices", "library.index"),
    ("Events", "events.index"),
    ("Members", "members.directory"),
    ("Committees", "committees.index"),
)

OF_A_FIRM = ("/firm/", "/invoices/")  # whichever room the page is of


def navigation() -> Navigation:
    """Public places for everybody; one's own first for a member; the desk for staff."""
    if not current_user.is_authenticated:
        return Navigation("public", _items((*PUBLIC, ("Join", "joining.index"))))
    if current_user.may(Permission.STAFF_DESK):
        return Navigation("staff", _items((("Staff desk", "home_staff.index"), *PUBLIC)))
    mine = [("Dashboard", "home.dashboard")]
    if current_user.may(Permission.FIRM_READ):
        mine.append(("My firm", "members.firm"))
    return Navigation("member", _items((*mine, *PUBLIC)))


def _items(pairs: tuple[tuple[str, str], ...]) -> tuple[Item, ...]:
    here = (request.endpoint or "").partition(".")[0].removesuffix("_staff")
    return tuple(
        Item(text, url_for(endpoint), _is_here(endpoint, here)) for text, endpoint in pairs
    )


def _is_here(endpoint: str, here: str) -> bool:
    if endpoint in {"home.dashboard", "home_staff.index", "members.directory"}:
        return request.endpoint == endpoint
    if endpoint == "members.firm" and request.endpoint == "members.directory":
        return False
    if endpoint == "members.firm" and request.path.startswith(OF_A_FIRM):
        return True
    return endpoint.partition(".")[0] == here
