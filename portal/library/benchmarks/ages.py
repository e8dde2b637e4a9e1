"""When figures are old enough to be shown to competitors."""

from calendar import monthrange
from datetime import date, timedelta


def publishable_from(period_end: date, months: int) -> date:
    """The first day on which the period is `months` full months old: August is, by three, on 1
    December.
    """
    after = period_end + timedelta(days=1)
    years, month = divmod(after.month - 1 + months, 12)
    year, month = after.year + years, month + 1
    last = monthrange(year, month)[1]
    if after.day <= last:
        return date(year, month, after.day)
    return date(year, month, last) + timedelta(days=1)
