"""Statements of banks, written by hand: the same movements in three formats."""

from datetime import date
from xml.sax.saxutils import escape

from portal.core.db import db
from portal.dues import actions
from portal.dues.models import BankLine, ColumnMap
from portal.dues.statements import Columns
from tests.make import save

IBAN = "NL91ABNA0417164300"
DAY = date(2026, 11, 20)
HEADINGS = {
    "booked_on": "Datum", "amount": "Bedrag", "counterparty": "Naam", "text": "Omschrijving",
    "counterparty_account": "Tegenrekening",
}  # fmt: skip


def moved(amount, name="", text="", account="", reference="", day=DAY):
    """One movement; the amount is as in `12.50` or `-12.50`."""
    return {
        "amount": amount, "name": name, "text": text, "account": account, "reference": reference,
        "day": day,
    }  # fmt: skip


def _all(movements):
    return [one if isinstance(one, dict) else moved(*one) for one in movements]


def camt(*movements, currency="EUR", head="", entries=""):
    """`entries` is raw XML after the movements; `head` comes before the document."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>
{"".join(_entry(one, currency) for one in _all(movements))}{entries}
</Stmt></BkToCstmrStmt></Document>""".encode()


def _entry(one, currency):
    mark, side = ("DBIT", "Cdtr") if one["amount"].startswith("-") else ("CRDT", "Dbtr")
    account = one["account"] and f"<{side}Acct><Id><IBAN>{one['account']}</IBAN></Id></{side}Acct>"
    reference = one["reference"] and f"<AcctSvcrRef>{one['reference']}</AcctSvcrRef>"
    return f"""<Ntry><Amt Ccy="{currency}">{one["amount"].lstrip("-")}</Amt>
<CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{one["day"]}</Dt></BookgDt>
{reference}<NtryDtls><TxDtls><RltdPties><{side}><Pty><Nm>{escape(one["name"])}</Nm></Pty></{side}>
{account}</RltdPties><RmtInf><Ustrd>{escape(one["text"])}</Ustrd></RmtInf></TxDtls></NtryDtls>
</Ntry>"""


def mt940(*movements, currency="EUR", closing=""):
    lines = [":20:STATEMENT", f":25:{IBAN}/{currency}", ":28C:1/1",
             f":60F:C261101{currency}0,00"]  # fmt: skip
    for one in _all(movements):
        mark = "D" if one["amount"].startswith("-") else "C"
        amount = one["amount"].lstrip("-").replace(".", ",")
        bank = f"//{one['reference']}" if one["reference"] else ""
        lines.append(f":61:{one['day']:%y%m%d%m%d}{mark}{amount}NTRFNONREF{bank}")
        account = f"?31{one['account']}" if one["account"] else ""
        lines.append(f":86:166?00CREDIT?20{one['text']}{account}?32{one['name']}")
    return "\r\n".join([*lines, *([f":62F:{closing}"] if closing else []), "-"]).encode()


def as_csv(
    *movements, separator=";", decimal=",", head="Datum;Bedrag;Naam;Omschrijving;Tegenrekening"
):
    rows = [head.split(";")]
    rows += [
        [f"{one['day']:%d-%m-%Y}", one["amount"].replace(".", decimal), one["name"], one["text"],
         one["account"]]
        for one in _all(movements)
    ]  # fmt: skip
    return "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)


def columns(**facts):
    defaults = {
        "separator": ";", "decimal": ",", "day_format": "%d-%m-%Y", "skipped": 0,
        "account": IBAN, "currency": "EUR", "headings": HEADINGS,
    }  # fmt: skip
    return Columns(**defaults | facts)


def make_column_map(**facts):
    return save(ColumnMap(name="Test Bank", **vars(columns(**facts))))


def imported(body, by=None):
    """The lines that importing this file added, as they stand in it."""
    file = actions.stage(body, "statement")
    db.session.flush()
    if not file.imported_at:
        actions.import_file(file, by)
    db.session.commit()
    return db.session.query(BankLine).filter_by(file_id=file.id).order_by(BankLine.id).all()
