"""The fixed words of invoices and credit notes, their dates and amounts, by language. Pure."""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from portal.core.filters import NBSP
from portal.core.money import Money
from portal.dues.faces import Face

_KEYS = (
    "invoice", "note", "to", "tax_id", "order", "for_what", "sum", "total", "paid", "pay_by",
    "holder", "bank", "reference", "exactly", "questions", "nothing", "page", "demo",
    "takes_back_all", "takes_back_some", "credit", "tax_rate", "lobbying", "leaving", "early",
    "note_back", "claims_again", "is_for",
    Face.PAID, Face.CREDITED, Face.SETTLED_MIXED, Face.WRITTEN_OFF, Face.DISPUTED, Face.VOID,
)  # fmt: skip
_SAID: dict[str, tuple[str, ...]] = {
    "en": (
        "Invoice", "Credit note", "To", "Tax id", "Purchase order", "What it is for", "Sum",
        "Total", "Paid so far: {amount}", "To pay by {day}: {amount}", "Account holder", "Bank",
        "Reference", "Give the reference exactly as it stands here.", "Questions: {contact}.",
        "Nothing is owed on this invoice.", "page {page} of {pages}",
        "A demonstration: the association, its firms and this document are invented.",
        "This takes back the whole of invoice {number} of {day}. Reason: {reason}",
        "This takes back a part of invoice {number} of {day}. Reason: {reason}",
        "What was paid on that invoice and is no longer owed is kept as your credit: it can pay "
        "another invoice or be sent back.",
        "Tax {rate} %",
        "Of these dues, an estimated {amount} is spent on lobbying.",
        "To leave with {last}, tell us by {by} at the latest.",
        "Paid by {day}, {amount} settles it: {off} less.",
        "Credit note taken back",
        "So much of invoice {number} of {day} is owed again. Reason: {reason}",
        "For {firm}, which owes it.",
        "Paid", "Taken back by a credit note", "Settled in part by credit note", "Written off",
        "Paid but disputed", "Void: it claims nothing",
    ),
    "es": (
        "Factura", "Nota de crédito", "Para", "N.º de identificación fiscal", "Orden de compra",
        "Concepto", "Suma", "Total", "Pagado hasta ahora: {amount}",
        "A pagar antes del {day}: {amount}", "Titular de la cuenta", "Banco", "Referencia",
        "Indique la referencia exactamente como figura aquí.", "Consultas: {contact}.",
        "No se debe nada por esta factura.", "página {page} de {pages}",
        "Una demostración: la asociación, sus empresas y este documento son inventados.",
        "Esta nota anula por completo la factura {number} del {day}. Motivo: {reason}",
        "Esta nota anula una parte de la factura {number} del {day}. Motivo: {reason}",
        "Lo que se pagó por esa factura y ya no se debe queda como saldo a su favor: puede pagar "
        "otra factura o devolverse.",
        "Impuesto {rate} %",
        "De estas cuotas, se estima que {amount} se destinan a la representación de intereses.",
        "Para causar baja el {last}, avísenos a más tardar el {by}.",
        "Si se paga hasta el {day}, basta con {amount}: {off} menos.",
        "Nota de crédito retirada",
        "De la factura {number} del {day} vuelve a deberse este importe. Motivo: {reason}",
        "Por cuenta de {firm}, que lo debe.",
        "Pagada", "Anulada por una nota de crédito", "Saldada en parte por nota de crédito",
        "Dada de baja", "Pagada, pero en disputa", "Anulada: no reclama nada",
    ),
    "fr": (
        "Facture", "Avoir", "À", "N° d’identification fiscale", "Bon de commande", "Objet",
        "Somme", "Total", "Déjà payé : {amount}", "À payer avant le {day} inclus : {amount}",
        "Titulaire du compte", "Banque", "Référence",
        "Indiquez la référence exactement comme elle figure ici.", "Questions : {contact}.",
        "Rien n’est dû sur cette facture.", "page {page} sur {pages}",
        "Une démonstration : l’association, ses entreprises et ce document sont inventés.",
        "Cet avoir annule la totalité de la facture {number} du {day}. Motif : {reason}",
        "Cet avoir annule une partie de la facture {number} du {day}. Motif : {reason}",
        "Ce qui a été payé sur cette facture et n’est plus dû reste à votre crédit : il peut "
        "payer une autre facture ou être remboursé.",
        "Taxe {rate} %",
        "De ces cotisations, environ {amount} financent la représentation d’intérêts.",
        "Pour partir le {last}, prévenez-nous au plus tard le {by}.",
        "Payée avant le {day} inclus, {amount} suffisent : {off} de moins.",
        "Avoir retiré",
        "De la facture {number} du {day}, ce montant est de nouveau dû. Motif : {reason}",
        "Pour le compte de {firm}, qui le doit.",
        "Payée", "Annulée par un avoir", "Soldée en partie par un avoir",
        "Passée en perte", "Payée, mais contestée", "Annulée : elle ne réclame rien",
    ),
    "de": (
        "Rechnung", "Gutschrift", "An", "Steuernummer", "Bestellnummer", "Wofür", "Summe",
        "Gesamtbetrag", "Bisher bezahlt: {amount}", "Zu zahlen bis {day}: {amount}",
        "Kontoinhaber", "Bank", "Verwendungszweck",
        "Bitte den Verwendungszweck genau so angeben, wie er hier steht.", "Fragen: {contact}.",
        "Auf diese Rechnung ist nichts zu zahlen.", "Seite {page} von {pages}",
        "Eine Vorführung: der Verband, seine Firmen und dieses Dokument sind erfunden.",
        "Dies nimmt die Rechnung {number} vom {day} ganz zurück. Grund: {reason}",
        "Dies nimmt einen Teil der Rechnung {number} vom {day} zurück. Grund: {reason}",
        "Was auf jene Rechnung bezahlt wurde und nicht mehr geschuldet ist, bleibt Ihr Guthaben: "
        "es kann eine andere Rechnung zahlen oder zurücküberwiesen werden.",
        "Steuer {rate} %",
        "Von diesen Beiträgen fließen voraussichtlich {amount} in die Interessenvertretung.",
        "Wer mit dem {last} austreten will, sagt es uns spätestens am {by}.",
        "Bei Zahlung bis {day} genügen {amount}: {off} weniger.",
        "Gutschrift zurückgenommen",
        "Von der Rechnung {number} vom {day} ist so viel wieder geschuldet. Grund: {reason}",
        "Für {firm}, die es schuldet.",
        "Bezahlt", "Durch eine Gutschrift zurückgenommen", "Teilweise durch Gutschrift beglichen",
        "Ausgebucht", "Bezahlt, aber bestritten", "Ungültig: fordert nichts",
    ),
    "pt": (
        "Fatura", "Nota de crédito", "Para", "N.º de identificação fiscal", "Ordem de compra",
        "Descrição", "Soma", "Total", "Pago até agora: {amount}", "A pagar até {day}: {amount}",
        "Titular da conta", "Banco", "Referência",
        "Indique a referência exatamente como está aqui.", "Perguntas: {contact}.",
        "Nada é devido por esta fatura.", "página {page} de {pages}",
        "Uma demonstração: a associação, as suas empresas e este documento são inventados.",
        "Esta nota anula a totalidade da fatura {number} de {day}. Motivo: {reason}",
        "Esta nota anula uma parte da fatura {number} de {day}. Motivo: {reason}",
        "O que foi pago por essa fatura e já não é devido fica como seu crédito: pode pagar outra "
        "fatura ou ser devolvido.",
        "Imposto {rate} %",
        "Destas quotas, estima-se que {amount} se destinem à representação de interesses.",
        "Para sair a {last}, avise-nos o mais tardar a {by}.",
        "Se for paga até {day}, bastam {amount}: {off} a menos.",
        "Nota de crédito retirada",
        "Da fatura {number} de {day}, este montante volta a ser devido. Motivo: {reason}",
        "Por conta de {firm}, que o deve.",
        "Paga", "Anulada por uma nota de crédito", "Saldada em parte por nota de crédito",
        "Dada como perdida", "Paga, mas contestada", "Anulada: nada reclama",
    ),
}  # fmt: skip
WORDS: dict[str, Mapping[str, str]] = {
    code: dict(zip(_KEYS, said, strict=True)) for code, said in _SAID.items()
}


def known(language: str) -> str:
    """The language itself where its words are here; English otherwise."""
    return language if language in WORDS else "en"


def day_in(value: date, language: str) -> str:
    """`2 Dec 2026`, `2 dic 2026`, `02.12.2026`."""
    pattern = "d MMM y" if known(language) == "en" else "medium"
    return format_date(value, pattern, locale=known(language)).replace(" ", NBSP)


def figures_in(money: Money, language: str) -> str:
    """`1,209.00`, `1.209,00`: as many decimals as the currency has."""
    pattern = "#,##0" + ("." + "0" * money.exponent if money.exponent else "")
    return format_decimal(money.units, pattern, locale=known(language))


def amount_in(money: Money, language: str) -> str:
    return f"{money.currency}{NBSP}{figures_in(money, language)}"
