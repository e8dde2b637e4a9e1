"""Nested blocks as a Word document: headings, lists, tables, links, footnotes; no author in it."""

import io
import re
import zipfile
from collections.abc import Iterable
from html import escape

from portal.core.blocks import Block
from portal.core.docx_parts import FIXED, TYPES, footer, numbering, relations, styles

OPEN = (
    '<w:{0} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same words are the same bytes
BULLETS, BOXES = 1, 2  # of the numberings; the ordered lists come after them
DEEPEST = 8
LOOKS = {"strong": "<w:b/>", "em": "<w:i/>"}
CODE = {"code_inline", "fence", "code_block"}
SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{n}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for n, kind in enumerate(("separator", "continuationSeparator"), -1)
)
STYLED = {
    "heading": "Heading{0}", "title": "Title", "subtitle": "Subtitle", "hr": "Rule",
    "fence": "Code", "code_block": "Code",
}  # fmt: skip
STYLE = '<w:pStyle w:val="{0}"/>'
LISTS = {"bullet_list", "ordered_list"}
INLINE = {"text", "softbreak", "hardbreak", "link", "footnote_ref", "code_inline", *LOOKS}
PAGE = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rFooter"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1304" w:right="1304" w:bottom="1304" '
    'w:left="1304" w:header="680" w:footer="680" w:gutter="0"/></w:sectPr>'
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def docx(title: str, foot: str, body: Iterable[Block], language: str = "en") -> bytes:
    """`foot` is printed under every page, before its number."""
    paper = _Paper()
    inside = "".join(paper.block(one) for one in body)
    parts = FIXED | {
        "[Content_Types].xml": TYPES,
        "docProps/core.xml": _core(title),
        "word/document.xml": _part("document", f"<w:body>{inside}{PAGE}</w:body>"),
        "word/styles.xml": styles(_said(language)),
        "word/numbering.xml": numbering(paper.starts),
        "word/footer.xml": footer(_said(foot)),
        "word/footnotes.xml": _part("footnotes", SEPARATORS + "".join(paper.notes)),
        "word/_rels/document.xml.rels": relations(paper.addresses, whole=True),
        "word/_rels/footnotes.xml.rels": relations(paper.addresses),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _part(name: str, inside: str) -> str:
    return f"{OPEN.format(name)}{inside}</w:{name}>"


def _said(text: object) -> str:
    return escape(_NOT_XML.sub("", str(text)))


def _core(title: str) -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{_said(title)}</dc:title></cp:coreProperties>"
    )


class _Paper:
    """Draws blocks, and gathers what other parts of the file hold of them."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.notes: list[str] = []
        self.starts: list[int] = []  # the first number of each ordered list

    def block(self, node: Block, looks: str = "", depth: int = 0) -> str:
        """`looks` are the properties that its paragraphs have from what is around them."""
        kind, inner = node["kind"], node.get("children", [])
        if kind in LISTS:
            return self.items(node, depth)
        if kind == "table":
            return self.table(inner)
        if kind == "paragraph" or kind in INLINE:
            return self.paragraph(inner if kind == "paragraph" else [node], looks)
        if kind in STYLED:
            name = STYLED[kind].format(min(node.get("level", 1), 4))
            looks = (
                STYLE.format(name) + looks.partition("/>")[2]
            )  # in place of the style around it
            return self.paragraph([node] if kind in CODE else inner, looks)
        looks = STYLE.format("Quote") if kind == "blockquote" else looks
        return "".join(self.block(one, looks, depth) for one in inner)

    def paragraph(self, inner: list[Block], looks: str = "") -> str:
        around = f"<w:pPr>{looks}</w:pPr>" if looks else ""
        return f"<w:p>{around}{self.runs(inner)}</w:p>"

    def items(self, node: Block, depth: int) -> str:
        """The first paragraph of an item has its mark, the others are set in under it."""
        number, level = BULLETS, min(depth, DEEPEST)
        if node["kind"] == "ordered_list":
            self.starts.append(node["start"])
            number = BOXES + len(self.starts)
        made = []
        for item in node["children"]:
            marked = BOXES if item["box"] else number
            mark = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{marked}"/></w:numPr>'
            looks = STYLE.format("ListParagraph") + mark
            for child in item["children"] or [{"kind": "paragraph"}]:
                made.append(self.block(child, looks, depth + 1))
                if child["kind"] not in LISTS:
                    under = f'<w:ind w:left="{425 * (level + 1)}"/>'
                    looks = STYLE.format("ListParagraph") + under
        return "".join(made)

    def table(self, rows: list[Block]) -> str:
        columns = max((len(row["children"]) for row in rows), default=0)
        grid = f'<w:gridCol w:w="{9298 // max(columns, 1)}"/>' * columns
        drawn = "".join(self.row(row["children"]) for row in rows)
        return (
            '<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="5000" w:type="pct"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{drawn}</w:tbl><w:p/>"
        )

    def row(self, cells: list[Block]) -> str:
        """A row of heads alone comes again on each page."""
        is_head = all(one["kind"] == "th" for one in cells)
        head = "<w:trPr><w:tblHeader/></w:trPr>" if is_head else ""
        return f"<w:tr>{head}{''.join(map(self.cell, cells))}</w:tr>"

    def cell(self, node: Block) -> str:
        style = STYLE.format("CellHead" if node["kind"] == "th" else "Cell")
        return f"<w:tc>{self.paragraph(node['children'], style)}</w:tc>"

    def runs(self, nodes: list[Block], look: str = "") -> str:
        return "".join(self.run(one, look) for one in nodes)

    def run(self, node: Block, look: str) -> str:
        kind, inner = node["kind"], node.get("children", [])
        if kind in LOOKS:
            mark = LOOKS[kind]
            return self.runs(inner, look if mark in look else _in_order(look + mark))
        if kind == "footnote_ref":
            return self.note(inner)
        if kind == "link" and node["href"]:
            self.addresses.append(_said(node["href"]))
            said = self.runs(inner, f'<w:rStyle w:val="Hyperlink"/>{look}')
            return f'<w:hyperlink r:id="rLink{len(self.addresses)}">{said}</w:hyperlink>'
        if kind in {"softbreak", "hardbreak"}:
            return _run("<w:br/>" if kind == "hardbreak" else _words(" "), look)
        if "text" in node:
            style = '<w:rStyle w:val="CodeWords"/>' if kind == "code_inline" else ""
            lines = str(node["text"]).rstrip("\n").split("\n") if kind in CODE else [node["text"]]
            has_style = "<w:rStyle" in look
            return _run("<w:br/>".join(map(_words, lines)), look if has_style else style + look)
        return self.runs(inner, look)

    def note(self, inner: list[Block]) -> str:
        number = len(self.notes) + 1
        self.notes.append("")  # its place: a note may hold another
        self.notes[number - 1] = (
            f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="NoteWords"/></w:pPr>'
            '<w:r><w:rPr><w:rStyle w:val="NoteMark"/></w:rPr><w:footnoteRef/></w:r>'
            f"{_run(_words(' '), '')}{self.runs(inner)}</w:p></w:footnote>"
        )
        return (
            '<w:r><w:rPr><w:rStyle w:val="NoteMark"/></w:rPr>'
            f'<w:footnoteReference w:id="{number}"/></w:r>'
        )


def _in_order(look: str) -> str:
    """As the schema wants it: the style, bold, italic."""
    marks = re.findall(r"<w:rStyle[^>]*/>|<w:b/>|<w:i/>", look)
    return "".join(sorted(marks, key=lambda one: (not one.startswith("<w:rStyle"), one)))


def _run(inside: str, look: str) -> str:
    return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{inside}</w:r>"


def _words(text: object) -> str:
    return f'<w:t xml:space="preserve">{_said(text)}</w:t>'
