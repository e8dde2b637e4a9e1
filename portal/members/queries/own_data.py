"""Whether a firm may take its own data away, by the access table that holds today."""

from portal.association.queries import today
from portal.members.access_table import data_gone, keeps_own_data
from portal.members.adopted import access_on
from portal.members.models import Organization
from portal.members.queries.firms import state_of


def still_has_data(organization: Organization) -> bool:
    """May the firm take its own data away today?"""
    day = today()
    return keeps_own_data(access_on(day), state_of(organization), day)


def data_is_gone() -> str:
    """Said to a firm that may not."""
    return data_gone(access_on(today()))
