"""A firm that lapsed comes back; one that grew pays for it now; one that shrank waits."""

import re
import time
from datetime import date

from tests.demo.sandbox_process import PAYS


def pay_by_card(person):
    """The hosted page, filled in and sent; then our own page, until the money is booked."""
    invoice = person.page.url
    person.page.get_by_role("button", name="by card").click()
    person.page.wait_for_load_state()
    fields = person.page.locator("input:not([type=hidden])")
    for position, value in enumerate((PAYS, "12/40", "123")):
        fields.nth(position).fill(value)
    person.page.locator("button").first.click()
    person.page.wait_for_load_state()
    for _ in range(60):
        if "Paid" in person.go(invoice).text:
            return
        time.sleep(0.3)
    raise AssertionError(person.text)


def test_a_lapsed_firm_comes_back(people, demo):
    """The demo has one such firm; the second of the two browsers finds it a member again."""
    person = people().sign_in("returning").go("/firm/membership")
    if people.name == "with":
        assert "Lapsed" in person.text
        person.press("Come back")
        assert "Invoice" in person.heading
        pay_by_card(person)
        person.go("/firm/membership")
    assert f"Member until 31 Dec {date.today().year}" in person.text.replace("\xa0", " ")
    assert "A place in the directory" in person.text
    stranger = people().go("/directory/?q=Sauce")
    assert "Sauce Formacion" in stranger.text


def sizes(person):
    found = person.go("/firm/membership/change").page.locator("main [name=headcount]")
    return int(found.input_value()), int(person.page.locator("main [name=seats]").input_value())


def test_a_firm_that_grows_is_charged_for_the_days_that_are_left(people, demo):
    person = people().sign_in("rival")
    headcount, seats = sizes(person)
    person.fill(headcount=headcount, seats=max(seats, 5) + 3).press("Show what it costs")
    asked = re.search(r"(EUR [\d,.]+) now, before tax", person.text.replace("\xa0", " "))[1]
    person.press("Keep this change")
    assert "Invoice" in person.heading
    assert asked in person.text.replace("\xa0", " ")
    assert "days that are left" in person.text
    assert sizes(person) == (headcount, max(seats, 5) + 3)


def test_a_firm_that_shrinks_pays_less_from_the_next_term_on(people, demo):
    person = people().sign_in("chair")
    headcount, seats = sizes(person)
    person.fill(headcount=headcount - 1, seats=seats).press("Show what it costs")
    assert "Nothing now." in person.text
    person.press("Keep this change")
    assert person.heading == "Membership"
    assert "counts from the next term on" in person.text
    assert sizes(person) == (headcount - 1, seats)
