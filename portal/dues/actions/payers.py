"""Who pays the dues of a firm in its place."""

from collections.abc import Mapping

from portal.core import audit
from portal.members.models import Organization


def name_payer(firm: Organization, facts: Mapping[str, str]) -> None:
    """The next invoices of dues go to them; with no facts the firm pays itself.

    Issued invoices stay as they are, and the firm owes its dues either way. The caller commits.
    """
    before, firm.paid_by = firm.paid_by, dict(facts)
    if before != firm.paid_by:
        names = before.get("name", ""), firm.paid_by.get("name", "")
        audit.record("firm.payer_named", firm, before=names[0], after=names[1])
