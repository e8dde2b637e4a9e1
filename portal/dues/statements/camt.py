"""CAMT.053 statements (ISO 20022): XML without document types, any version, any namespace."""

from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from portal.core.states import Refused
from portal.dues.statements.camt_balances import SIGNS, prove, text_of, units
from portal.dues.statements.records import Record, Statement, account_name, cut, told_apart

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
    """Every booked movement. Raises `Refused` for what is no CAMT.053, and for a statement whose
    movements do not lead from its opening to its closing balance."""
    statements = _Reader().read(body).findall("BkToCstmrStmt/Stmt")
    if not statements:
        raise Refused("This XML is no CAMT.053 statement.")
    found = Statement("camt053")
    for one in statements:
        known, troubles = len(found.records), len(found.problems)
        account = account_name(text_of(one, "Acct/Id/IBAN") or text_of(one, "Acct/Id/Othr/Id"))
        for entry in one.findall("Ntry"):
            if (text_of(entry, "Sts/Cd") or text_of(entry, "Sts")) in {"BOOK", ""}:
                for part in _parts(entry):
                    found.add(int(entry.attrib["line"]), _record, part, account)
        found.records[known:] = told_apart(found.records[known:])
        if len(found.problems) == troubles:
            prove(one, found.records[known:])
    return found


def _parts(entry: Element) -> list[_Part]:
    """The payments of a batch, each by itself, where they are all of it; else the entry whole."""
    details = entry.findall("NtryDtls/TxDtls")
    if len(details) > 1:
        parts = [
            _Part(entry, one, _amount_of(one, entry), place) for place, one in enumerate(details)
        ]
        return parts if _are_whole(parts, entry) else [_Part(entry, entry, entry.find("Amt"))]
    return [_Part(entry, details[0] if details else entry, entry.find("Amt"))]


def _amount_of(details: Element, entry: Element) -> Element | None:
    """What this payment is in the entry's currency; None where only another one is told."""
    whole = entry.find("Amt")
    currency = "" if whole is None else whole.get("Ccy")
    told = (details.find(path) for path in ("Amt", "AmtDtls/TxAmt/Amt"))
    return next((one for one in told if one is not None and one.get("Ccy") == currency), None)


def _are_whole(parts: list[_Part], entry: Element) -> bool:
    try:
        return sum(map(_minor, parts)) == _minor(_Part(entry, entry, entry.find("Amt")))
    except ValueError:
        return False


def _minor(part: _Part) -> int:
    """Minor units, above zero when money came in; ValueError says what is wrong."""
    if part.amount is None:
        raise ValueError("This entry has no amount")
    return _sign(part) * units(part.amount)


def _record(part: _Part, account: str) -> Record:
    minor, amount = _minor(part), part.entry.find("Amt")
    party = f"RltdPties/{'Dbtr' if minor > 0 else 'Cdtr'}"
    names = (text_of(part.details, f"{party}/{path}") for path in ("Nm", "Pty/Nm"))
    accounts = (text_of(part.details, f"{party}Acct/Id/{path}") for path in ("IBAN", "Othr/Id"))
    return Record(
        account=account, booked_on=_day(part.entry), minor=minor,
        currency="" if amount is None else amount.get("Ccy", ""),
        counterparty=cut(next(filter(None, names), "")),
        counterparty_account=account_name(next(filter(None, accounts), "")),
        text=_words(part), entry_reference=_reference(part),
    )  # fmt: skip


def _sign(part: _Part) -> int:
    """The direction of this movement itself, of a reversal too; a payment of a batch may go
    another way than the batch."""
    own = text_of(part.details, "CdtDbtInd") if part.place is not None else ""
    sign = SIGNS.get(own or text_of(part.entry, "CdtDbtInd"))
    if sign is None:
        raise ValueError("This entry does not say whether money came or went")
    return sign


def _day(entry: Element) -> date:
    text = text_of(entry, "BookgDt/Dt") or text_of(entry, "BookgDt/DtTm")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError("This entry has no booking day") from None


def _words(part: _Part) -> str:
    """The structured reference first, then what the payer wrote; else what the bank says.

    A batch that is taken whole says what all its payers wrote, and names none of them.
    """
    is_batch = part.details is part.entry
    found: list[str] = []
    for one in part.entry.findall("NtryDtls/TxDtls") if is_batch else [part.details]:
        found.append(text_of(one, "RmtInf/Strd/CdtrRefInf/Ref"))
        found += [(words.text or "").strip() for words in one.findall("RmtInf/Ustrd")]
    return cut(" ".join(filter(None, found)) or text_of(part.entry, "AddtlNtryInf"))


def _reference(part: _Part) -> str:
    """The bank's own; payments of one batch that share it are told apart by their place."""
    whole = text_of(part.entry, "AcctSvcrRef")
    own = text_of(part.details, "Refs/AcctSvcrRef")
    if part.place is None:
        return cut(whole or own)
    if own and own != whole:
        return cut(own)
    return cut(f"{whole}#{part.place}" if whole else "")
