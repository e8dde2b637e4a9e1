"""The parts of a Word document beside its text: what it is made of, how it looks, its numbers."""

from collections.abc import Iterable

from portal.core.documents import TEMPLATES

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
OWN = {
    "document": "document.main", "styles": "styles", "numbering": "numbering",
    "footer": "footer", "footnotes": "footnotes",
}  # fmt: skip
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{WORD}.{kind}+xml"/>'
        for name, kind in OWN.items()
    )
    + '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
FIXED = {
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="r2" Type="{PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>',
}
STYLES = TEMPLATES / "word_styles.xml"
PARTS = {
    "rStyles": "styles", "rNumbers": "numbering", "rFooter": "footer", "rNotes": "footnotes"
}  # fmt: skip


def relations(addresses: Iterable[str], *, whole: bool = False) -> str:
    """Where links lead, already escaped; of the `whole` document also its other parts."""
    own = (
        f'<Relationship Id="{key}" Type="{OFFICE}/{name}" Target="{name}.xml"/>'
        for key, name in PARTS.items()
    )
    links = (
        f'<Relationship Id="rLink{n}" Type="{OFFICE}/hyperlink" Target="{one}" '
        'TargetMode="External"/>'
        for n, one in enumerate(addresses, 1)
    )
    inside = "".join([*(own if whole else ()), *links])
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def footer(words: str) -> str:
    return (
        f'<w:ftr {W}><w:p><w:pPr><w:pStyle w:val="NoteWords"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{words}, page </w:t></w:r>'
        '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>'
    )


def numbering(starts: Iterable[int]) -> str:
    """Bullets, boxes, and one numbering for each ordered list, so that each begins anew."""
    forms = [_form(0, "bullet", "•"), _form(1, "bullet", "☐")]
    forms.append(_form(2, "decimal", ""))
    numbers = [_number(1, 0), _number(2, 1)]
    for n, start in enumerate(starts, 3):
        levels = "".join(
            f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
            for level in range(9)
        )
        numbers.append(_number(n, 2, levels))
    return f"<w:numbering {W}>{''.join(forms)}{''.join(numbers)}</w:numbering>"


def _form(number: int, kind: str, mark: str) -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{mark or f"%{level + 1}."}"/><w:lvlJc w:val="left"/><w:pPr>'
        f'<w:ind w:left="{425 * (level + 1)}" w:hanging="425"/></w:pPr></w:lvl>'
        for level in range(9)
    )
    return f'<w:abstractNum w:abstractNumId="{number}">{levels}</w:abstractNum>'


def _number(number: int, form: int, levels: str = "") -> str:
    of = f'<w:abstractNumId w:val="{form}"/>'
    return f'<w:num w:numId="{number}">{of}{levels}</w:num>'


def styles(language: str) -> str:
    """Named as Word names them, so that its list of contents and other programs know them."""
    return STYLES.read_text().replace("{language}", language)
