"""What the demo's firms declared, what its tariffs tell the public, and a tariff in the making."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from portal.core import working_days
from portal.core.db import db
from portal.demo.seed.firms import Step, World, at
from portal.demo.seed.names import FIRMS, Firm
from portal.dues import actions as dues
from portal.dues.declaring import metrics_asked
from portal.dues.models import Declaration, Source
from portal.dues.queries import current_tariff, tariffs
from portal.dues.tax_rules import Outcome
from portal.members.models import Decision
from portal.members.queries import type_of
from portal.members.words import COUNTINGS

SILENT = 7  # every seventh firm never declares
CHECKED = 9  # every ninth is looked at


def declaration_steps(world: World) -> Iterator[Step]:
    """Firms declare in February for the year before; some are checked in spring."""
    for number, firm in enumerate(FIRMS):
        if number % SILENT == 3 or firm.story == "lapsed":
            continue
        since = world.today.year - min(firm.since, 2)
        for year in range(since + (firm.since <= 2), world.today.year + 1):
            day = date(year, 2, 1 + number % 26)
            if day < world.today:
                yield at(day, 14), _Declares(world, firm, year, number)
        checked_on = date(world.today.year, 4, 1 + number % 26)
        if number % CHECKED == 4 and checked_on < world.today:
            yield at(checked_on, 15), _Checks(world, firm, number)


class _Declares:
    """One firm's numbers of the year before: its headcount grew to what it is today."""

    def __init__(self, world: World, firm: Firm, year: int, number: int) -> None:
        self.world, self.firm, self.year, self.number = world, firm, year, number

    def __call__(self) -> None:
        tariff = current_tariff(date(self.year, 2, 1))
        if tariff is None or not self.world.staff_of.get(self.firm.name):
            return
        organization = self.world.firms[self.firm.name]
        signer = self.world.staff_of[self.firm.name][0]
        gone = self.world.today.year - self.year
        value = max(1, self.firm.headcount * (100 - 4 * gone) // 100)
        period = date(self.year - 1, 1, 1), date(self.year - 1, 12, 31)
        source = Source.AUDITED if self.number % 5 == 0 else Source.SELF
        scope = COUNTINGS[type_of(self.firm.kind).counting]
        for metric in metrics_asked(tariff.book, [self.firm.kind]):
            told = dues.Told(metric, Decimal(value), period, scope, source)
            dues.declare(organization, told, signer.id, currency=tariff.currency)


class _Checks:
    def __init__(self, world: World, firm: Firm, number: int) -> None:
        self.world, self.firm, self.number = world, firm, number

    def __call__(self) -> None:
        organization = self.world.firms[self.firm.name]
        query = select(Declaration).where(Declaration.organization_id == organization.id)
        one = db.session.scalars(query.order_by(Declaration.id.desc()).limit(1)).first()
        if one is None:
            return
        by = self.world.people["finance"].id
        if self.number % 2:
            dues.check(one, "Payroll summary seen: it agrees.", by)
        else:
            dues.check(one, "Agency staff were left out.", by, one.value + 3)


def public_words(year: int) -> dict[str, str]:
    """Invented, as everything of the demo is."""
    return {
        "increase": f"The {year} budget follows wages and rents; the meeting saw both versions.",
        "staff_share": "About two thirds pay the secretariat of five; the rest pays meetings, "
        "the library and the record of bills.",
        "formula": "Size is what all firms know of themselves and can show. Bands keep the "
        "price of a small firm low and spare everybody a yearly recount.",
        "cap": "No group pays so much that the association could not do without it.",
        "exit": "Write to us before 1 September and the membership ends with the year. Nothing "
        "is owed after that, and nothing is paid back for a year that has begun.",
    }


def draft_next(world: World) -> None:
    """The treasurer's proposal: tiers instead of bands, and a cap on what one group pays."""
    newest = db.session.scalars(tariffs()).first()
    assert newest  # noqa: S101 - adopted in the first step
    year = newest.effective_from.year + 1
    bands, *others = newest.book["rules"]
    tiers = [[0, 25, 5200], [25, 125, 1450], [125, 500, 480], [500, None, 90]]
    graduated = {key: value for key, value in bands.items() if key != "bands"}
    rules = [graduated | {"kind": "graduated", "tiers": tiers}, *others]
    head = {"code": str(year), "effective_from": f"{year}-01-01"}
    book = newest.whole_book | head | {"rules": rules, "cap": "1/12"}
    dues.draft(book, newest.explanation, world.people["finance"].id, newest)


def _rule(outcome: Outcome, text: str, category: str, **facts: object) -> dict[str, object]:
    anybody = {"place": "anywhere", "customer": "any", "tax_id": "any"}
    return anybody | {"category": category, "outcome": outcome.value, "text": text} | facts


TAX_RULES = [
    _rule(Outcome.REVERSE_CHARGE, "Reverse charge: the customer accounts for the VAT", "events",
          place="listed", countries=["DE", "ES", "FR", "IE", "PT"], customer="business",
          tax_id="checked"),
    _rule(Outcome.EXEMPT, "Exempt from VAT: training", "events"),
    _rule(Outcome.OUTSIDE, "Outside the scope of VAT: interest for late payment", "interest"),
    _rule(Outcome.OUTSIDE, "Outside the scope of VAT: a gift", "gift"),
    _rule(Outcome.OUTSIDE, "Outside the scope of VAT, as the treasurer decided", "any"),
]  # fmt: skip


def tax_steps(world: World) -> Iterator[Step]:
    """The tax rules of the year before: invented, and none of them charges a rate."""
    decided_on = working_days.on_or_after(date(world.today.year - 1, 5, 18))
    decision = Decision(
        body="board", decided_on=decided_on, title="Tax rules adopted",
        text="As the treasurer proposed; all of it is invented, as this association is.",
    )  # fmt: skip
    first = date(world.today.year - 1, 7, 1)

    def adopt() -> None:
        dues.adopt_taxes(TAX_RULES, first, decision)

    yield at(first, 8), adopt
