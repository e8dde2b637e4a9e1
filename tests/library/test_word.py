"""A Word document becomes the text of a new practice, or a sentence that says why not."""

import io
import os
import zipfile

import pytest

from portal.core.access import Role
from portal.core.blocks import blocks
from portal.core.docx import docx
from portal.core.states import Refused
from portal.library import word
from tests.make import make_member, make_person

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension='
    '"rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATED = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def said(text, style=""):
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{looks}<w:r><w:t>{text}</w:t></w:r></w:p>"


def document(*parts, head=""):
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:name w:val="{name}"/></w:style>'
        for one, name in (("Title", "Title"), ("H1", "heading 1"), ("H2", "heading 2"))
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("_rels/.rels", RELATED)
        made.writestr("word/styles.xml", f"<w:styles {W}>{styles}</w:styles>")
        body = f"{head}<w:document {W}><w:body>{''.join(parts)}</w:body></w:document>"
        made.writestr("word/document.xml", body)
    return out.getvalue()


CELLS = "".join(
    f"<w:tr>{''.join(f'<w:tc>{said(one)}</w:tc>' for one in row)}</w:tr>"
    for row in (("Part", "Points"), ("Price", "25"))
)
WHOLE = document(
    said("Calibrate every week", "Title"), said("Why", "H1"), said("Because *scores* drift."),
    said("How", "H2"), f"<w:tbl>{CELLS}</w:tbl>",
)  # fmt: skip


def test_headings_tables_and_signs_come_along():
    found = word.read(WHOLE, "a.docx")
    assert found.title == "Calibrate every week"
    assert found.body.startswith("## Why\n\nBecause \\*scores\\* drift.\n\n### How\n")
    assert "| Price | 25 |" in found.body


def test_an_editor_goes_on_with_the_text_in_the_form(browser):
    browser.sign_in(make_person(Role.EDITOR))
    page = browser.post("/staff/library/from-word", status=200,
                        document=(io.BytesIO(WHOLE), "a.docx")).text  # fmt: skip
    assert 'value="calibrate-every-week"' in page
    assert "## Why" in page
    assert 'action="/staff/library/new"' in page
    browser.sign_in(make_member())
    browser.get("/staff/library/from-word", status=403)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.4", "Word document"),
        (b"a,b\n1,2\n", "Word document"),
        (b"\xd0\xcf\x11\xe0 of another kind", "Send a Word document"),
        (document(), "holds no text"),
        (document(said("x"), head='<!DOCTYPE x [<!ENTITY a "b">]>'), "damaged"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_no_word_document_is_refused_in_words(body, words):
    with pytest.raises(Refused, match=words):
        word.read(body, "a.csv")


def test_boxes_and_the_number_a_list_begins_with_survive_a_trip_through_word():
    text = (
        "## Before the move\n\n- [ ] Name the owner\n- [ ] Agree the day\n\nThen:\n\n"
        "3. Ring the client\n4. Ring the bus\n\nLast:\n\n- Rest\n"
    )
    found = word.read(docx("Moving", "A foot", blocks(text)), "a.docx")
    assert found.body == text


BOX = "http://schemas.microsoft.com/office/word/2010/wordml"
NUMBERS = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="{0}"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
RELATED_TO_NUMBERS = RELATED.replace("relationships/officeDocument", "relationships/numbering")
RELATED_TO_NUMBERS = RELATED_TO_NUMBERS.replace("word/document", "numbering")


def listed(form, *parts):
    """A document whose list is kept as Word keeps it."""
    out = io.BytesIO(document(*parts))
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("word/numbering.xml", NUMBERS.replace("{0}", form))
        made.writestr("word/_rels/document.xml.rels", RELATED_TO_NUMBERS)
    return out.getvalue()


def item(text):
    of = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    return f"<w:p><w:pPr>{of}</w:pPr>{text}</w:p>"


def run(text):
    return f"<w:r><w:t>{text}</w:t></w:r>"


def test_a_list_goes_on_counting_after_a_paragraph_between():
    parts = (item(run("One")), item(run("Two")), said("Between."), item(run("Three")))
    assert word.read(listed("decimal", *parts), "a.docx").body == (
        "1. One\n2. Two\n\nBetween.\n\n3. Three\n"
    )


def test_a_box_to_tick_in_word_is_a_task():
    def box(ticked):
        return (
            f'<w:sdt xmlns:w14="{BOX}"><w:sdtPr><w14:checkbox><w14:checked w14:val="{ticked}"/>'
            f"</w14:checkbox></w:sdtPr><w:sdtContent>{run('☐')}</w:sdtContent></w:sdt>"
        )

    parts = (item(box(0) + run(" Book the bus")), item(box(1) + run(" Ask the guard")))
    found = word.read(listed("bullet", *parts), "a.docx").body
    assert found == "- [ ] Book the bus\n- [x] Ask the guard\n"


def test_a_document_that_unpacks_to_more_than_its_text_and_pictures_is_refused():
    out = io.BytesIO(document(said("Words.")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/media/noise.bmp", os.urandom(700_000))
        made.writestr("word/media/a.bmp", b" " * 60_000_000)
    with pytest.raises(Refused, match="more than 50 MB"):
        word.read(out.getvalue(), "a.docx")
