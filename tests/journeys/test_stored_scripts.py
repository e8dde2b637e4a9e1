"""A hundred scripts in every text of the library, stored, drawn in a real browser: all inert."""

from urllib.parse import quote, urlsplit

import pytest

from tests.journeys import storing
from tests.journeys.conftest import WAYS
from tests.journeys.storing import READ, SCRIPTS, Writer, packed

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
  ...(one.matches('main :is(iframe, object, embed, base, meta, link, style)') ? [one] : []),
  ...(!one.closest('.prose') ? [] :
      [...one.attributes].filter(a => /^(data-)?hx-|^style$/.test(a.name))),
].map(found => one.outerHTML.slice(0, 200)))
"""
SHOWN = "/alert|script|svg/i.test(document.querySelector('main').outerHTML)"
REPORTED = "window.reports || ['nothing watched']"


@pytest.fixture(scope="module")
def stored(chromium, demo):
    """Everything written once; the pages that show it, by who looks at them."""
    assert len(SCRIPTS) == 100
    contexts = {one: chromium.new_context(base_url=demo.url) for one in ("editor", "manager")}
    editor, member = (Writer(context, one) for one, context in contexts.items())
    lists, shared = storing.reading_lists(member)
    runs = storing.checklists(member)
    surveys, open_surveys = storing.surveys(editor)
    written = [*storing.practices(editor), *storing.proposals(member, editor)]
    written += [*storing.remarks(member, editor), *surveys]
    for context in contexts.values():
        context.close()
    searched = [f"{at}?q={quote(one)}" for one in packed(300) for at in ("/library/", "/search")]
    mine = ["/library/proposals", f"/library/{READ[0]}/vote"]
    return {
        "editor": [*written, *searched],
        "manager": [*lists, *runs, *open_surveys, *mine, f"/library/{READ[0]}"],
        "person": [*shared, *runs[:3], f"/library/{READ[0]}"],  # who only reads them
    }


@pytest.fixture(params=WAYS)
def looking(request, chromium, demo):
    """A page for an account, with a list of all that happened on it and must not have."""
    contexts, seen = [], []
    has_script = request.param == "with JavaScript"

    def look(account):
        context = chromium.new_context(base_url=demo.url, java_script_enabled=has_script)
        contexts.append(context)
        context.add_init_script(WATCH)
        context.on("request", lambda one: seen.extend(went_elsewhere(one, demo)))
        Writer(context, account)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("dialog", lambda one: (seen.append(one.message), one.dismiss()))
        page.on("pageerror", lambda one: seen.append(str(one)))
        page.on("console", lambda one: one.type == "error" and seen.append(one.text))
        return page

    look.finds = f"({LIVE}).concat({REPORTED})" if has_script else LIVE
    yield look
    for context in contexts:
        context.close()
    assert seen == []


def went_elsewhere(request, demo):
    is_here = urlsplit(request.url).netloc in {urlsplit(demo.url).netloc, ""}
    return [] if is_here else [request.url]


@pytest.mark.parametrize("account", ["editor", "manager", "person"])
def test_a_hundred_stored_scripts_do_nothing(looking, stored, account):
    page = looking(account)
    for url in stored[account]:
        assert page.goto(url, wait_until="domcontentloaded").status == 200, url
        assert page.evaluate(looking.finds) == [], url
        assert page.evaluate(SHOWN), url
