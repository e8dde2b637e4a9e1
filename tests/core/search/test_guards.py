"""A list of synonyms that would find what nobody meant is refused, line by line."""

import pytest

from portal.core.search.guards import faults
from portal.core.search.index import SYNONYMS


def test_our_own_list_can_be_kept():
    assert faults(SYNONYMS.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("attrition", "needs two terms"), ("a, attrition", "single letter"),
        ("agents, staffing agencies", "two things"), ("churn, attrition", "two things"),
        ("CCMA, conciliation", "two bodies"), ("a -> ", "on each side"),
        ("x1 -> y1 -> z1", "one arrow"), ("one two three four five six seven, b2", "longer"),
        (", ".join(f"t{n}" for n in range(20)), "15 terms"),
    ],
)  # fmt: skip
def test_a_group_that_misleads_is_named_with_its_line(line, fault):
    found = faults(f"# remark\n\nbus, coach\n{line}")
    assert found
    assert any(fault in one for one in found)
    assert all(one.startswith("Line 4:") for one in found)


def test_what_is_right_beside_it_is_no_fault():
    assert faults("churn -> customer loss\nCCMA South Africa, labour commission") == []
    assert "300 lines" in faults("a1, b1\n" * 301)[0]
