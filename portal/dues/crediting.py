"""How much tax a credit note takes back: reckoned as the invoice was, on all that is credited."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from portal.dues.models import Invoice
from portal.dues.taxes import on_each


def tax_on(invoice: Invoice, taken: Mapping[int, int]) -> int:
    """Tax on net minor units by line id: once for each rate, so that all lines give the whole."""
    shared = Fraction(invoice.tax_minor * 100, invoice.net_minor) if invoice.net_minor else 0
    nets: Counter[Fraction] = Counter()
    for line in invoice.lines:
        rate = Fraction(shared) if line.tax_percent is None else Fraction(line.tax_percent)
        nets[rate] += taken.get(line.id, 0)
    return sum(on_each(nets).values())
