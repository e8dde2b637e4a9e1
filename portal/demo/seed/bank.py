"""Invented bank statements: lines that are matched, certain, likely, possible and unknown."""

from collections.abc import Iterable
from datetime import date, timedelta
from xml.sax.saxutils import escape

from sqlalchemy import select

from portal.core import working_days
from portal.core.db import db
from portal.core.money import Money
from portal.demo.seed.firms import NAMED, World
from portal.dues import actions as dues
from portal.dues.matching import Ground
from portal.dues.models import BankFile, BankLine, ColumnMap, Invoice, Purpose
from portal.dues.queries import balance, bank_lines, invoices
from portal.dues.queries.outgoing import refunds_without_line

OURS = "NL91ABNA0417164300"
HOLDING = "GB33BUKB20201555555555"
Movement = tuple[date, int, str, str, str]  # day, minor units, name, account, words
HEADINGS = {
    "booked_on": "Datum", "amount": "Bedrag", "counterparty": "Naam tegenpartij",
    "counterparty_account": "Tegenrekening", "text": "Omschrijving",
}  # fmt: skip


def bank_statements(world: World) -> None:
    """Two statements that were imported, and one that waits to be looked at."""
    owed = _open_by_firm()
    first, second, third = (
        working_days.on_or_before(world.today - timedelta(days=days)) for days in (9, 2, 1)
    )
    _imported(_earlier(first, owed), "statement-1.xml")
    _deal_with_the_earlier(owed)
    _imported(_later(second, owed), "statement-2.xml")
    bank = ColumnMap(
        name="Demonstration Bank, CSV", separator=";", decimal=",", day_format="%d-%m-%Y",
        skipped=0, account=OURS, currency="EUR", headings=HEADINGS,
    )  # fmt: skip
    db.session.add(bank)
    db.session.flush()
    dues.stage(_as_csv(third), "statement-3.csv", bank)


def _open_by_firm() -> dict[str, Invoice]:
    """The oldest open invoice of each firm, the demo accounts' own left alone."""
    kept = {firm for firm, _, _ in NAMED.values()}
    found: dict[str, Invoice] = {}
    for one in db.session.scalars(invoices("open")).unique():
        if one.organization and one.organization.name not in kept:
            found[one.organization.name] = one
    return found


def _earlier(day: date, owed: dict[str, Invoice]) -> list[Movement]:
    rows: list[Movement] = [
        (day, -124000, "Weavers’ Quay Properties", "", "Rent of the office"),
        (day, -1850, "Demonstration Bank", "", "Costs of the account"),
        (day, 4500, "J. Vermeulen", "", "lunch"),
        (day, 4500, "J. Vermeulen", "", "lunch"),
    ]
    if "Meidoorn Werving" in owed:
        rows.append(_paying(day, owed["Meidoorn Werving"], "MEIDOORN WERVING BV"))
    if "Dapdap Shuttle and Sites" in owed:
        rows.append((day, 20000, "D S S Holding Ltd", HOLDING, "first part as agreed"))
    return rows


def _paying(day: date, invoice: Invoice, name: str, more: int = 0) -> Movement:
    return day, balance(invoice).minor + more, name, "", f"{invoice.reference} dues"


def _deal_with_the_earlier(owed: dict[str, Invoice]) -> None:
    """What staff did with it: a holder is known from now on, costs are set aside."""
    dues.book_certain(db.session.scalars(bank_lines("todo")).all())
    line = db.session.scalar(select(BankLine).filter_by(counterparty_account=HOLDING))
    if line:
        shares = [(owed["Dapdap Shuttle and Sites"], line.minor)]
        dues.book(line, shares, Ground.HAND, "The holding pays for Dapdap, says their mail.")
    _explain("Demonstration Bank", Purpose.BANK_FEE, "Costs of the account, each month.")
    _explain("Weavers’ Quay Properties", Purpose.SUPPLIER, "Rent of the office, by contract.")


def _explain(payee: str, purpose: Purpose, why: str) -> None:
    line = db.session.scalars(select(BankLine).filter_by(counterparty=payee)).one()
    dues.explain(line, dues.Explained(purpose, payee, why))


def _later(day: date, owed: dict[str, Invoice]) -> list[Movement]:
    rows: list[Movement] = [
        (day, 35000, "Brinkhorst Beheer", "NL20INGB0001234567", "contributie"),
        (day, 120000, "Sum of several payers", "", "Batch 0417"),
        (day, -41250, "Printing House Amstel", "", "Invoice 2291"),
    ]
    for refund in db.session.scalars(refunds_without_line()):
        firm = refund.payment.organization
        name = firm.name.upper() if firm else "NOT NAMED"
        rows.append(
            (
                working_days.on_or_after(refund.sent_on),
                -refund.amount_minor,
                name,
                "",
                "Paid too much",
            )
        )
    if "Dapdap Shuttle and Sites" in owed:
        rows.append((
            day, balance(owed["Dapdap Shuttle and Sites"]).minor, "D S S Holding Ltd", HOLDING,
            "the rest",
        ))  # fmt: skip
    if "Deodar Speech" in owed:
        rows.append(
            (day, balance(owed["Deodar Speech"]).minor, "DEODAR SPEECH PVT LTD", "", "dues")
        )
    if "Guayacán Servicios" in owed:
        rows.append(_paying(day, owed["Guayacán Servicios"], "GUAYACAN SERVICIOS", -30000))
    special = ("Dapdap", "Deodar", "Guayacán", "Meidoorn")
    plain = [one for name, one in sorted(owed.items()) if not name.startswith(special)]
    rows += [_paying(day, one, one.bill_to["name"].upper()) for one in plain[:3]]
    rows += [_paying(day, one, one.bill_to["name"], 5000) for one in plain[3:4]]
    return rows


def _imported(rows: Iterable[Movement], name: str) -> BankFile:
    file = dues.stage(as_camt(rows), name)
    dues.import_file(file)
    return file


def as_camt(rows: Iterable[Movement]) -> bytes:
    entries = "".join(_entry(*row) for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{OURS}</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(day: date, minor: int, name: str, account: str, words: str) -> str:
    mark, side = ("CRDT", "Dbtr") if minor > 0 else ("DBIT", "Cdtr")
    iban = account and f"<{side}Acct><Id><IBAN>{account}</IBAN></Id></{side}Acct>"
    return (
        f'\n<Ntry><Amt Ccy="EUR">{Money(abs(minor), "EUR").units}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls><RltdPties>"
        f"<{side}><Pty><Nm>{escape(name)}</Nm></Pty></{side}>{iban}</RltdPties><RmtInf><Ustrd>"
        f"{escape(words)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _as_csv(day: date) -> bytes:
    rows = [
        ";".join(HEADINGS.values()),
        f"{day:%d-%m-%Y};250,00;Palmyra Consult;;donation for the library",
        f"{day:%d-%m-%Y};-96,40;Amstel Catering;;Board meeting",
        f"{day:%d-%m-%Y};not known;Amstel Catering;;a line that the bank wrote badly",
    ]
    return "\r\n".join(rows).encode()
