"""Markdown of members: tasks look like tasks, and nothing that can be typed takes long."""

import time

import pytest

from portal.core.markdown import render

SIZE = 60_000  # what the form takes
WORST = {
    "tasks": "- [ ] a\n" * (SIZE // 8),
    "deep quotes": ">" * SIZE,
    "deep lists": "".join("  " * n + "- a\n" for n in range(240)),
    "open brackets": "[" * SIZE,
    "open links": "[a](" * (SIZE // 4),
    "emphasis": "*a **a " * (SIZE // 7),
    "code ticks": "".join("a" + "`" * n for n in range(340)),
    "footnotes": "[^a]" * (SIZE // 4) + "\n\n[^a]: x\n",
    "a table": "|" * 2_000 + "\n" + "-|" * 2_000 + "\n" + "|\n" * 5_000,
    "entities": "&" * SIZE,
    "references": "[a]: x\n" * (SIZE // 7),
    "angles": "<a " * (SIZE // 3),
    "headings": "## a\n" * (SIZE // 5),
}  # fmt: skip


def seconds(text):
    began = time.process_time()
    render(text)
    return time.process_time() - began


@pytest.mark.parametrize("what", WORST)
def test_no_text_that_the_form_takes_is_slow(what):
    assert any(seconds(WORST[what]) < 1 for _again_on_a_busy_machine in range(3))


def test_tasks_are_marked_in_lists_of_every_kind():
    html = render("- [ ] Ask\n- [x] **Sign**\n- Go\n\n1. [X] One\n   - [ ] Two\n").html
    assert html.count('class="task-list-item"') == 4
    assert html.count('class="contains-task-list"') == 3
    assert '<li class="task-list-item">Ask</li>' in html
    assert '<li class="task-list-item"><strong>Sign</strong></li>' in html
    assert "<li>Go</li>" in html


def test_a_table_lies_in_a_box_that_scrolls_and_that_a_keyboard_reaches():
    html = render('| **Rate** | `EUR` "x" |\n|--|--|\n| 1 | 2 |\n\n- | | |\n  |--|--|\n').html
    name = "Table: Rate, EUR &quot;x&quot;"
    assert f'<div class="sideways" role="group" aria-label="{name}" tabindex="0"><table>' in (
        html.replace("\n", "")
    )
    assert 'aria-label="Table" tabindex="0"' in html
    assert html.count("</table>") == html.count("</div>") == 2
    assert "<div" not in render('<div role="group" tabindex="0">typed</div>').html
