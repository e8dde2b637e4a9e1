"""Bank statements of three kinds, all read into the same records. Nothing here asks a database."""

from portal.core import sheets
from portal.core.states import Refused
from portal.dues.statements import camt, columns, mt940
from portal.dues.statements.columns import Columns
from portal.dues.statements.records import Problem, Record, Statement, keys

__all__ = ["Columns", "Problem", "Record", "Statement", "keys", "read"]


def read(body: bytes, by: Columns | None = None) -> Statement:
    """The statement in a file, known by its beginning; CSV and XLSX need a column map.

    Raises `Refused` in words for what is no statement; what is wrong with single lines is
    among the statement's problems.
    """
    if by:
        return columns.read(body, by)
    head = body[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if head.startswith(b"<"):
        return camt.read(body)
    if head.startswith((b":", b"{1:")) or b"\n:60F:" in head or b"\n:25:" in head:
        return mt940.read(sheets.decoded(body))
    raise Refused(
        "This is neither CAMT.053 nor MT940: for a CSV or XLSX file choose a column map."
    )
