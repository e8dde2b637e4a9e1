"""SECURITY.md goes through the whole standard, each chapter once, and names files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = (ROOT / "SECURITY.md").read_text()
TABLE = [line for line in WORDS.splitlines() if line.startswith("| ")]
# The sections of OWASP ASVS 5.0.0 that have requirements of level 1 or 2, without those that do
# not concern the portal.
SECTIONS = {
    1: "1 2 3 5", 2: "1 2 3 4", 3: "2 3 4 5 7", 4: "1 2", 5: "1 2 3 4", 6: "1 2 3 4 5",
    7: "1 2 3 4 5", 8: "1 2 3 4", 11: "1 2 3 4 5", 12: "1 2 3", 13: "1 2 3 4", 14: "1 2 3",
    15: "1 2 3", 16: "1 2 3 4 5",
}  # fmt: skip
LEFT_OUT = ("V9", "V10", "V17")


def test_each_chapter_stands_once_or_is_left_out_with_a_reason():
    told = re.findall(r"^\| \*\*V(\d+)\*\*", WORDS, re.MULTILINE)
    assert [int(one) for one in told] == sorted(SECTIONS)
    for chapter in LEFT_OUT:
        assert re.search(rf"\*\*{chapter} [^*]+\*\*\s\(", WORDS)


def test_each_section_is_answered_once():
    named = [
        one for row in TABLE for one in re.findall(r"\b(\d+\.\d+)(?!\.?\d)", row.split("|")[1])
    ]
    due = [f"{chapter}.{one}" for chapter, all_ in SECTIONS.items() for one in all_.split()]
    assert sorted(named) == sorted(due)


@pytest.mark.parametrize(("column", "root"), [(3, "portal"), (4, "tests")])
def test_the_files_that_it_names_are_there(column, root):
    cells = [row.split("|")[column] for row in TABLE]
    named = {one for cell in cells for one in re.findall(r"`([^` ]+)`", cell)}
    assert named
    assert [one for one in sorted(named) if not (ROOT / root / one).exists()] == []
