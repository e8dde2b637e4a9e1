"""Two claims from before the portal, of invented firms: one so old that it may be time-barred."""

from datetime import date, timedelta

from portal.association.models import Association
from portal.core.db import db
from portal.demo.seed.firms import World
from portal.dues.actions import OldClaim, take_over
from portal.dues.models import InvoiceKind
from portal.members.terms import add_months

YEARS = 5  # invented: what the law of a country says is for staff to enter
CLAIMS = (
    ("A-0117", "Marula Answering (closed, invented)", "Cape Town", -14, 98000),
    ("A-0164", "Protea Telemarketing (closed, invented)", "Durban", 3, 64000),
)  # fmt: skip


def leave_over(world: World) -> None:
    """The first was barred some months ago, the other will be in some: both notices are seen."""
    db.session.get_one(Association, 1).barred_after = {"ZA": YEARS}
    for number, name, city, months, minor in CLAIMS:
        take_over(_claim(number, name, city, _due(world.today, months), minor))


def _due(today: date, months: int) -> date:
    """Due so that it is barred that many months from today."""
    return add_months(today, months - 12 * YEARS)


def _claim(number: str, name: str, city: str, due_on: date, minor: int) -> OldClaim:
    bill_to = {
        "name": name, "address": f"1 Invented Road\n{city}", "country": "ZA", "tax_id": "",
        "email": "",
    }  # fmt: skip
    return OldClaim(
        number=number, kind=InvoiceKind.DUES, organization=None, bill_to=bill_to, currency="EUR",
        issued_on=due_on - timedelta(days=30), due_on=due_on, net_minor=minor, tax_minor=0,
        tax_text="No tax on dues", text=f"Dues of {due_on.year}, before the portal (invented)",
    )  # fmt: skip
