"""A firm that lapsed comes back; one that grew pays for it now; one that shrank waits."""

import re

from portal.core import clock
from tests.demo.sandbox_process import PAYS


def pay_by_card(person):
    """The hosted page, filled in and sent; then our own page, until the money is booked."""
    invoice = person.page.url
    person.click(person.page.get_by_role("button", name="by card"))
    fields = person.page.locator("input:not([type=hidden])")
    for position, value in enumerate((PAYS, "12/40", "123")):
        fields.nth(position).fill(value)
    person.click(person.page.locator("button").first)
    person.wait_for(invoice, "Paid")


def test_a_lapsed_firm_comes_back(people, demo):
    """The demo has one such firm; whoever walks this a second time finds it a member again."""
    person = people().sign_in("returning").go("/firm/membership")
    if people.is_first:
        assert "Lapsed" in person.text
        person.press("Come back")
        assert "Invoice" in person.heading
        pay_by_card(person)
        person.wait_for("/firm/membership", "A place in the directory")
    assert f"Member until 31 Dec {clock.today('Europe/Amsterdam').year}" in person.text.replace(
        "\xa0", " "
    )
    assert "A place in the directory" in person.text
    people().wait_for("/directory/?q=Sauce", "Sauce Formación")


def headcount_of(person):
    found = person.go("/firm/membership/change").page.locator(
        "main [name=metric_full_time_equivalents]"
    )
    return int(found.input_value())


def test_a_firm_that_grows_is_charged_for_the_days_that_are_left(people, demo):
    """Whoever walks this a second time finds it in the largest band: to grow on costs nothing."""
    person = people().sign_in("committee")
    headcount = headcount_of(person)
    person.fill(metric_full_time_equivalents=headcount * 2).press("Show what it costs")
    if people.is_first:
        asked = re.search(r"(EUR [\d,.]+) now, before tax", person.text.replace("\xa0", " "))[1]
        person.press("Keep this change")
        assert "Invoice" in person.heading
        assert asked in person.text.replace("\xa0", " ")
        assert "days that are left" in person.text
    else:
        assert "Nothing now." in person.text
        person.press("Keep this change")
    assert headcount_of(person) == headcount * 2


def test_a_firm_that_wants_seats_is_led_from_its_size_to_their_price(people, demo):
    person = people().sign_in("rival").go("/firm/membership/change")
    person.click(person.page.locator("main").get_by_role("link", name="bought on their own"))
    assert person.heading == "Buy more seats"
    person.press("Order and send the invoice")
    assert "Invoice" in person.heading
    assert "Ordered: the invoice is on its way." in person.text


def test_a_firm_that_shrinks_pays_less_from_the_next_term_on(people, demo):
    person = people().sign_in("chair")
    headcount = headcount_of(person)
    person.fill(metric_full_time_equivalents=headcount - 1).press("Show what it costs")
    assert "Nothing now." in person.text
    person.press("Keep this change")
    assert person.heading == "Membership"
    assert "counts from the next term on" in person.text
    assert headcount_of(person) == headcount - 1
