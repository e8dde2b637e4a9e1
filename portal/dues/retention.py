"""What a bank told of a movement goes after ten years; what was booked from it stays."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from portal.accounts.retention import RULES, TEN_YEARS, Rule
from portal.core.db import db
from portal.dues.models import BankFile, BankLine, BankMatch


def forget_lines(before: datetime) -> None:
    """With what became of each; a statement goes when none of its lines is left."""
    old = BankLine.booked_on < before.date()
    lines = select(BankLine.id).where(old)
    has_lines = exists().where(BankLine.file_id == BankFile.id)
    for gone in (
        delete(BankMatch).where(BankMatch.line_id.in_(lines)),
        delete(BankLine).where(old),
        delete(BankFile).where(BankFile.read_at < before, ~has_lines),
    ):
        db.session.execute(gone.execution_options(synchronize_session="fetch"))


RULES.append(
    Rule("Lines of bank statements, with names and accounts", TEN_YEARS, "after they were booked",
         forget_lines)
)  # fmt: skip
