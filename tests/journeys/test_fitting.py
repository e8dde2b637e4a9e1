"""The key screens on a phone and on a desk: nothing is wider than the screen."""

import pytest

from tests.journeys.conftest import Person

WIDTHS = (390, 1280)
SCREENS = {
    "": ["/", "/join/", "/join/?kind=provider_front&country=PH&metric_full_time_equivalents=60",
         "/join/cost", "/sign-in", "/library/", "/library/?q=attritoin", "/library/?q=zzzz",
         "/library/due-diligence-site-visit", "/events/", "/events/?past=1", "/legislation/",
         "/legislation/?jurisdiction=ph", "/legislation/?q=zzzz", "/legislation/1", "/places/ph",
         "/directory/", "/committees/policy", "/search?q=attrition", "/about", "/nowhere"],
    "manager": ["/dashboard", "/firm/", "/firm/people", "/firm/people/invite", "/firm/invoices",
                "/firm/checklists/", "/firm/declaration", "/library/we-chose-on-price",
                "/account/", "/library/due-diligence-site-visit/checklist"],
    "committee": ["/legislation/2", "/committees/policy", "/account/follows"],
    "lapsed": ["/dashboard", "/firm/", "/library/due-diligence-site-visit"],
    "newcomer": ["/dashboard"],
    "admin": ["/staff/", "/staff/joining/", "/staff/events/", "/staff/events/new",
              "/staff/library/", "/staff/library/new", "/staff/legislation/", "/staff/members/",
              "/staff/dues/", "/staff/association/", "/staff/association/audit",
              "/staff/association/audit?page=2", "/staff/association/jobs"],
}  # fmt: skip
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("account", SCREENS, ids=lambda account: account or "visitor")
def test_no_screen_is_wider_than_the_window(chromium, demo, account):
    context = chromium.new_context()
    person = Person(context.new_page(), demo)
    if account:
        person.sign_in(account)
    wide = []
    for path in SCREENS[account]:
        answer = person.page.goto(demo.url + path)
        assert answer.status == (404 if path == "/nowhere" else 200), path
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 800})
            if person.page.evaluate(WIDER) > 0:
                wide.append((path, width))
    context.close()
    assert wide == []


def test_what_is_hidden_from_everybody_is_not_drawn(people, demo):
    """The button that a return key presses stands first and is for no eye."""
    editor = people().sign_in("editor").go("/staff/library/new")
    first = editor.page.locator("main form button").first
    assert first.get_attribute("hidden") is not None
    assert not first.is_visible()


@pytest.mark.parametrize("path", ["/legislation/?q=zzzz", "/library/?q=zzzz"])
def test_where_nothing_is_left_to_narrow_the_list_has_the_whole_page(people, demo, path):
    visitor = people()
    visitor.page.set_viewport_size({"width": 1280, "height": 800})
    visitor.go(path)
    assert visitor.page.locator("main .cols > div").bounding_box()["width"] > 1000
