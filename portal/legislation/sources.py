"""The sources of bills: who reads their files, who reckons their stages, which counts first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

from portal.legislation.bills import Bill
from portal.legislation.formats import (
    Meeting,
    RollCall,
    congress,
    legiscan,
    legistar,
    openstates,
    table,
    uk,
)
from portal.legislation.rules import Derived
from portal.legislation.rules import congress as congress_rules
from portal.legislation.rules import legiscan as legiscan_rules
from portal.legislation.rules import legistar as legistar_rules
from portal.legislation.rules import openstates as openstates_rules
from portal.legislation.rules import table as table_rules
from portal.legislation.rules import uk as uk_rules

Item = Bill | RollCall | Meeting


@dataclass(frozen=True)
class Source:
    """`name` is what `portal import-bills` takes."""

    name: str
    words: str
    reader: ModuleType
    derive: Callable[[Bill, str], Derived]
    endings: tuple[str, ...] = (".json",)

    def split(self, raw: bytes) -> Iterator[bytes]:
        found: Iterator[bytes] = self.reader.split(raw)
        return found

    def parse(self, record: bytes) -> Item | None:
        found: Item | None = self.reader.parse(record)
        return found

    @property
    def licence(self) -> str:
        return str(self.reader.LICENCE)


SOURCES = {
    one.name: one
    for one in (
        Source("openstates", "Open States", openstates, openstates_rules.derive),
        Source("congress", "The United States Congress", congress, congress_rules.derive,
               (".json", ".xml")),
        Source("legistar", "Legistar", legistar, legistar_rules.derive),
        Source("uk-bills", "UK Parliament", uk, uk_rules.derive),
        Source("legiscan", "LegiScan", legiscan, legiscan_rules.derive),
        Source("csv", "A list", table, table_rules.derive, (".csv",)),
    )
}  # fmt: skip

# Of two sources for one bill, which one its stage is taken from; `billstatus` is the XML twin.
PRIMARY = ("congress", "openstates", "legistar", "uk-bills", "legiscan", "csv", "billstatus")


def source_of(name: str) -> Source:
    """By the name that its records carry."""
    return SOURCES["congress" if name == congress.XML_SOURCE else name]
