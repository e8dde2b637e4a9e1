"""Blocks become a Word document that other programs read as it was meant."""

import io
import zipfile
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.blocks import blocks, said, table
from portal.core.bylines import read as bylines
from portal.core.docx import DOCX, docx
from portal.core.file_checks import checked
from portal.library import word

TEXT = """## Why

Because **scores** *drift*, `x`, **and *more***: [a page](https://a.example/?a=1&b=2).

> Said once

1. First
   - inside
2. Second

   Under it

- [ ] Ask

| Part | Points |
| --- | --- |
| Price | 25 < 30 |

```
one
two
```

A figure[^1] twice[^1].

[^1]: From [a source](https://b.example).
"""


def parts(made):
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_word_reads_every_kind_of_block_back():
    made = docx("Scores", "A house", [said("title", "Scores"), *blocks(TEXT)])
    assert checked(made, "a.docx")[1] == DOCX
    found = word.read(made, "a.docx")
    assert found.title == "Scores"
    for line in (
        "## Why", "**scores** *drift*", "**and *more***", "[a page](https://a.example/?a=1&b=2)",
        "1. First", "inside", "2. Second", "Under it", "- [ ] Ask", "| Part | Points |",
        "| Price | 25 < 30 |", "Said once", "From [a source](https://b.example)",
    ):  # fmt: skip
        assert line in found.body.replace("\xa0", " "), line


def test_boxes_numbers_and_notes_are_word_s_own():
    made = parts(docx("T", "F", blocks("3. a\n\n---\n\n1. b\n\n- [ ] c\n\nd[^1]\n\n[^1]: e")))
    assert 'w:startOverride w:val="3"' in made["word/numbering.xml"]
    assert made["word/document.xml"].count('<w:numId w:val="3"/>') == 1
    assert made["word/document.xml"].count('<w:numId w:val="4"/>') == 1
    assert '<w:numId w:val="2"/>' in made["word/document.xml"]
    assert '<w:footnoteReference w:id="1"/>' in made["word/document.xml"]
    assert ">e<" in made["word/footnotes.xml"]


def test_it_is_the_same_file_each_time_and_names_nobody():
    made = docx("T", "F", blocks(TEXT))
    assert made == docx("T", "F", blocks(TEXT))
    assert bylines("docx", made) == []


def test_tables_of_words_have_their_heads_above_or_before():
    above = parts(docx("T", "F", [table([["a", "b\nc"]], ("A", "B"))]))["word/document.xml"]
    assert above.count("<w:tblHeader/>") == 1
    assert above.count('"CellHead"') == 2
    assert "<w:br/>" in above
    before = parts(docx("T", "F", [table([["a", "b"]])]))["word/document.xml"]
    assert "<w:tblHeader/>" not in before
    assert before.count('"CellHead"') == 1


@pytest.mark.parametrize("name", ["T", 'A "<b>" & \x00\ud800'])
@given(text=st.text(alphabet="ab <>&\"'\x00\x0b*_`[](){}#|-\n1.>^~:/\u202e😀", max_size=120))
def test_whatever_is_written_is_sound_xml(name, text):
    for part in parts(docx(name, name, blocks(text))).values():
        expat.ParserCreate().Parse(part.encode(), True)
