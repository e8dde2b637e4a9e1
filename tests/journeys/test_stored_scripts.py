"""A hundred scripts in every text of the library, stored, drawn in a real browser: all inert."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.running import PASSWORD

SCRIPTS = Path(__file__).with_name("stored_scripts.txt").read_text("utf-8").splitlines()
LIMITS = {
    "title": 140, "summary": 400, "interest_author": 200, "interest_paid_by": 200,
    "interest_sells": 200, "change_note": 200, "not_again": 2000, "body": 60_000,
}  # fmt: skip
CHOSEN = {
    "kind": "guide", "theme": "quality", "service": "both", "stage": "operations",
    "outcome": "mixed", "evidence": "opinion", "frankness": "anonymised", "visibility": "staff",
}  # fmt: skip
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000" + "3a7e9b55"
    "0000000a49444154789c63600000000200015d0a2db40000000049454e44ae426082"
)
WATCH = """
window.reports = [];
document.addEventListener('securitypolicyviolation', one => reports.push(one.violatedDirective));
"""
LIVE = """
[...document.querySelectorAll('*')].flatMap(one => [
  ...[...one.attributes].filter(a => /^on/i.test(a.name) ||
      /^(href|src|action|formaction|data)$/i.test(a.name) &&
      /^[\\s]*(javascript|vbscript|data):/i.test(a.value)),
  ...(one.tagName === 'SCRIPT' && !one.src ? [one] : []),
  ...(!one.closest('.prose') ? [] :
      [...one.attributes].filter(a => /^(data-)?hx-|^style$/.test(a.name))),
].map(found => one.outerHTML.slice(0, 200))).concat(window.reports || ['nothing watched'])
"""


def packed(limit):
    """The scripts in texts of at most `limit` characters, between words that stay harmless."""
    made = [""]
    for one in SCRIPTS:
        joined = f"{made[-1]}\n\n{one}" if limit > 400 else f"{made[-1]} {one}"
        if len(joined) > limit:
            made.append(one)
        else:
            made[-1] = joined
    return [one.strip() for one in made]


@pytest.fixture
def editor(chromium, demo):
    context = chromium.new_context(base_url=demo.url)
    context.add_init_script(WATCH)
    context.seen = []
    page = context.new_page()
    page.on("dialog", lambda one: (context.seen.append(one.message), one.dismiss()))
    page.on("pageerror", lambda one: context.seen.append(str(one)))
    page.on("console", lambda one: one.type == "error" and context.seen.append(one.text))
    page.goto("/sign-in")
    page.fill("main [name=email]", "editor@demo.example")
    page.fill("main [name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    yield page
    context.close()


def send(page, url, **fields):
    """A form as the browser would send it; the address that it leads to."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get(url).text())[1]
    got = page.request.post(url, multipart=fields | {"csrf_token": token}, max_redirects=0)
    assert got.status == 303, got.text()[:3000]
    return got.headers["location"]


def test_a_hundred_stored_scripts_do_nothing(editor, demo):
    assert len(SCRIPTS) == 100
    texts = {name: packed(limit) for name, limit in LIMITS.items()}
    titles = packed(120)
    pages = ["/staff/library/?q=alert", "/staff/library/new"]
    for turn in range(max(map(len, texts.values()))):
        written = {name: found[turn % len(found)] for name, found in texts.items()}
        written["summary"] = written["summary"].ljust(40, ".")
        if turn:
            written["body"] = "Words."
        there = send(editor, "/staff/library/new", slug=f"inert-{turn}", **CHOSEN, **written)
        file = {"name": "<svg onload=alert(1)>.png", "mimeType": "text/html", "buffer": PIXEL}
        send(editor, f"{there}/files", title=titles[turn % len(titles)], file=file)
        pages += [there, f"{there}/edit", f"{there}/files", f"/library/inert-{turn}"]
    pages += [f"{at}?q={quote(one)}" for one in packed(300) for at in ("/library/", "/search")]
    for url in pages:
        editor.goto(url, wait_until="domcontentloaded")
        assert editor.locator("h1").count() == 1, url
        assert editor.evaluate(LIVE) == [], url
    assert editor.context.seen == []
