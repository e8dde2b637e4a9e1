"""What a bank told of a movement goes after some years; what was booked from it stays."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from portal.accounts.retention import RULES, Rule, Unit
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
    Rule("bank_lines", "Lines of bank statements, with names and accounts", 10,
         "after they were booked", forget_lines, Unit.YEARS, least=5, most=50)
)  # fmt: skip
