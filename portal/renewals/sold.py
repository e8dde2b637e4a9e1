"""By which numbers the next term is priced, and by which it was sold."""

from portal.dues import queries as dues
from portal.dues.models import Declaration, Tariff
from portal.dues.periods import NotQuotable
from portal.dues.rules import Book
from portal.renewals.models import Renewal
from portal.renewals.prices import quotes_ahead, signed_words, size_of_next


def numbers_next(renewal: Renewal, tariff: Tariff) -> list[tuple[str, str, Declaration | None]]:
    """What the next dues follow from: the metric, the number, the declaration it stands on.

    None where nobody signed it: the number is the last one told, or an estimate.
    """
    firm_id, kind = renewal.term.membership.organization_id, renewal.term.membership.kind
    case, signed = size_of_next(renewal).case(tariff.book, kind.value), dues.declared(firm_id)
    basis = case.get("basis", {})
    by_words = {(metric, signed_words(one)): one for metric, one in signed.items()}
    return [
        (metric, value, by_words.get((metric, basis.get(metric, ""))))
        for metric, value in case["metrics"].items()
    ]  # fmt: skip


def sold_by(renewal: Renewal, book: Book) -> dict[str, dict[str, str]]:
    """The numbers that the renewal's invoice was reckoned by; those told since where they cost
    the same.
    """
    kind = renewal.term.membership.kind.value
    case = size_of_next(renewal).case(book, kind)
    metrics, basis = case["metrics"], case.get("basis", {})
    for line in renewal.invoice.lines if renewal.invoice and not _costs_the_same(renewal) else ():
        said = line.inputs
        is_whole = "on" not in said and line.covers_from == renewal.starts_on
        if is_whole and said.get("metric") in metrics:
            metrics[said["metric"]] = said["value"]
            basis[said["metric"]] = said.get("basis", "")
    return {"metrics": metrics, "basis": basis}


def _costs_the_same(renewal: Renewal) -> bool:
    """By the numbers as told today, as on its invoice."""
    try:
        found = [line for one in quotes_ahead(renewal) for line in one.lines]
    except NotQuotable:
        return False
    charged = renewal.invoice.lines if renewal.invoice else ()
    now = [(one.covers_from, one.rule, one.net) for one in found if one.income == "dues"]
    return sorted(now) == sorted(
        (one.covers_from, one.rule, one.net_minor)
        for one in charged if one.income == "dues" and one.covers_from
    )  # fmt: skip
