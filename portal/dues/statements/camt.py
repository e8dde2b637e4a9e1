"""CAMT.053 statements (ISO 20022): XML without document types, any version, any namespace."""

from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from portal.core.states import Refused
from portal.dues.statements.records import Record, Statement, account_name, cut, minor_units

DEEPEST = 60


class _Reader:
    """Builds the tree by local names; declarations, and so entities, are refused."""

    def __init__(self) -> None:
        self.builder, self.depth = TreeBuilder(), 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.builder.data

    def refuse(self, *_declaration: object) -> None:
        raise Refused("The file declares a document type: banks do not, and we do not read it.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("The file is nested deeper than any statement.")
        line = str(self.parser.CurrentLineNumber)
        self.builder.start(tag.rpartition("}")[2], {**attributes, "line": line})

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(tag.rpartition("}")[2])

    def read(self, body: bytes) -> Element:
        try:
            self.parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise Refused(f"This XML cannot be read: {error}.") from None
        return self.builder.close()


@dataclass(frozen=True)
class _Part:
    """One payment: an entry whole, or one of a batch, which then has a `place` in it."""

    entry: Element
    details: Element
    amount: Element | None
    place: int | None = None


def read(body: bytes) -> Statement:
    """Every booked movement. Raises `Refused` for what is no CAMT.053."""
    statements = _Reader().read(body).findall("BkToCstmrStmt/Stmt")
    if not statements:
        raise Refused("This XML is no CAMT.053 statement.")
    found = Statement("camt053")
    for one in statements:
        account = account_name(_text(one, "Acct/Id/IBAN") or _text(one, "Acct/Id/Othr/Id"))
        for entry in one.findall("Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) in {"BOOK", ""}:
                for part in _parts(entry):
                    found.add(int(entry.attrib["line"]), _record, part, account)
    return found


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _parts(entry: Element) -> list[_Part]:
    """The payments of a batch, each by itself where each has its amount; else the entry whole."""
    details = entry.findall("NtryDtls/TxDtls")
    amounts = [_amount_of(one) for one in details]
    if len(details) > 1 and None not in amounts:
        pairs = enumerate(zip(details, amounts, strict=True))
        return [_Part(entry, one, amount, place) for place, (one, amount) in pairs]
    return [_Part(entry, details[0] if details else entry, entry.find("Amt"))]


def _amount_of(details: Element) -> Element | None:
    found = details.find("Amt")
    return found if found is not None else details.find("AmtDtls/TxAmt/Amt")


def _record(part: _Part, account: str) -> Record:
    if part.amount is None:
        raise ValueError("This entry has no amount")
    currency = part.amount.get("Ccy", "")
    sign = _sign(part.entry)
    party = f"RltdPties/{'Dbtr' if sign > 0 else 'Cdtr'}"
    names = (_text(part.details, f"{party}/{path}") for path in ("Nm", "Pty/Nm"))
    accounts = (_text(part.details, f"{party}Acct/Id/{path}") for path in ("IBAN", "Othr/Id"))
    return Record(
        account=account, booked_on=_day(part.entry), currency=currency,
        minor=sign * minor_units((part.amount.text or "").strip(), currency),
        counterparty=cut(next(filter(None, names), "")),
        counterparty_account=account_name(next(filter(None, accounts), "")),
        text=_words(part), entry_reference=_reference(part),
    )  # fmt: skip


def _sign(entry: Element) -> int:
    """The direction of this movement itself, of a reversal too."""
    word = _text(entry, "CdtDbtInd")
    if word not in {"CRDT", "DBIT"}:
        raise ValueError("This entry does not say whether money came or went")
    return 1 if word == "CRDT" else -1


def _day(entry: Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError("This entry has no booking day") from None


def _words(part: _Part) -> str:
    """The structured reference first, then what the payer wrote; else what the bank says."""
    found = [
        _text(part.details, "RmtInf/Strd/CdtrRefInf/Ref"),
        *((one.text or "").strip() for one in part.details.findall("RmtInf/Ustrd")),
    ]
    return cut(" ".join(filter(None, found)) or _text(part.entry, "AddtlNtryInf"))


def _reference(part: _Part) -> str:
    """The bank's own; payments of one batch that share it are told apart by their place."""
    whole = _text(part.entry, "AcctSvcrRef")
    own = _text(part.details, "Refs/AcctSvcrRef")
    if part.place is None:
        return cut(whole or own)
    if own and own != whole:
        return cut(own)
    return cut(f"{whole}#{part.place}" if whole else "")
