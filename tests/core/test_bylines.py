"""Whom files name beside their text: in properties, comments and marked changes."""

import io

import openpyxl
import pypdf
import pytest

from portal.core.bylines import read
from portal.core.extracting import names_in
from tests.papers import docx, packed, pdf, xlsx

CORE = (
    "<cp:coreProperties><dc:creator>Rosa Dizon</dc:creator>"
    "<cp:lastModifiedBy></cp:lastModifiedBy></cp:coreProperties>"
)
APP = "<Properties><Company>Acacia &amp; Sons</Company></Properties>"
CHANGES = '<w:document><w:ins w:id="1" w:author="Nia Odhiambo"><w:t>new</w:t></w:ins></w:document>'
SLIDES = '<p:cmAuthorLst><p:cmAuthor id="0" name="Bea Cruz" initials="B"/></p:cmAuthorLst>'


def signed_pdf(**about):
    writer, made = pypdf.PdfWriter(io.BytesIO(pdf("Words"))), io.BytesIO()
    writer.add_metadata({f"/{key}": value for key, value in about.items()})
    writer.write(made)
    return made.getvalue()


def test_a_document_names_its_author_firm_and_whoever_marked_changes():
    body = docx("Words of Paolo", **{"docProps/core.xml": CORE, "docProps/app.xml": APP,
                                     "word/header1.xml": CHANGES})  # fmt: skip
    assert read("docx", body) == ["Acacia & Sons", "Nia Odhiambo", "Rosa Dizon"]
    assert read("docx", docx("Words of Paolo")) == []


def test_slides_workbooks_and_open_documents_name_people_too():
    assert read("pptx", packed({"ppt/commentAuthors.xml": SLIDES})) == ["Bea Cruz"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["1"]])))
    book.properties.creator = "Rosa Dizon"
    made = io.BytesIO()
    book.save(made)
    assert read("xlsx", made.getvalue()) == ["Rosa Dizon"]
    meta = "<m><meta:initial-creator>Rosa Dizon</meta:initial-creator></m>"
    assert read("odt", packed({"meta.xml": meta})) == ["Rosa Dizon"]


def test_a_pdf_names_its_author_not_its_producer():
    assert read("pdf", signed_pdf(Author="Rosa Dizon", Producer="A printer")) == ["Rosa Dizon"]
    assert read("pdf", pdf("Words")) == []


@pytest.mark.slow  # starts programs
def test_what_cannot_be_read_is_not_taken_for_nameless():
    assert names_in("pdf", signed_pdf(Author="Rosa Dizon")) == ["Rosa Dizon"]
    assert names_in("pdf", b"%PDF-1.7 broken") is None
    assert names_in("docx", b"PK broken") is None
