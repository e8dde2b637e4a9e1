"""The tabs over the staff pages of dues: seven rooms, and the pages of the room one is in."""

from flask import request, url_for
from flask_login import current_user

from portal.core.access import Permission
from portal.dues.staff import blueprint

Tab = tuple[str, str, bool]

ROOMS = (
    ("Invoices", (("Invoices", "index"),)),
    ("Bank", (
        ("Lines", "bank"), ("Statements", "bank_statements"),
        ("Entered by hand", "bank_by_hand"), ("Deposit slip", "bank_slip"),
        ("Column maps", "bank_columns"),
    )),
    ("Cards", (
        ("Not charged", "cards"), ("Disputes", "disputes"), ("Payouts", "payouts"),
        ("Messages", "events"), ("Both sides compared", "provider"),
    )),
    ("Credit", (
        ("Unallocated money", "unallocated"), ("Refunds", "refunds"),
        ("For a second person", "approvals"),
    )),
    ("Books", (
        ("Balances", "balances"), ("Owed, by age", "owed"), ("Tax", "tax"),
        ("Journal", "journal"), ("Income by month", "income"), ("Lobbying", "lobbying"),
        ("Close", "close"),
    )),
    ("Declarations", (("Declarations", "declarations"),)),
    ("Tariffs", (("Tariffs", "tariff"), ("Tax rules", "taxes"))),
)  # fmt: skip
MANAGED = frozenset({"bank_slip", "close"})


@blueprint.context_processor
def _navigation() -> dict[str, object]:
    return {"dues_tabs": _tabs}


def _tabs() -> tuple[list[Tab], list[Tab]]:
    """Every room, led to by its first page, and the pages of the room that one is in."""
    here = (request.endpoint or "").partition(".")[2]
    manages = current_user.may(Permission.DUES_MANAGE)
    rooms: list[Tab] = []
    inside: list[Tab] = []
    for name, pages in ROOMS:
        open_ones = [page for page in pages if manages or page[1] not in MANAGED]
        is_here = here in {page for _text, page in open_ones}
        rooms.append((name, _url(open_ones[0][1]), is_here))
        if is_here and len(open_ones) > 1:
            inside = [(text, _url(page), page == here) for text, page in open_ones]
    return rooms, inside


def _url(page: str) -> str:
    return url_for(f"dues_staff.{page}")
