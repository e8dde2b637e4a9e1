"""A card on file from consent to stop, and a debt that is paid in two ways."""

import re
import time

from tests.demo.sandbox_process import ASKS_AGAIN, PAYS
from tests.journeys.test_joining import pay_with


def authorise(person):
    person.page.get_by_role("button", name="Authorise", exact=True).click()
    person.page.wait_for_load_state()


def wait_until(person, path, words):
    for _ in range(40):
        if words in person.go(path).text:
            return
        time.sleep(0.3)
    raise AssertionError(person.text)


def open_invoices(staff):
    """The addresses of unpaid invoices, the newest first."""
    staff.go("/staff/dues/?state=open")
    links = staff.page.locator("main tbody th a").evaluate_all("all => all.map(one => one.href)")
    return [re.search(r"/(\d+)$", link)[1] for link in links]


def test_a_firm_gives_a_card_that_asks_each_time_sees_it_and_stops(people):
    payer = people()
    payer.sign_in("manager").go("/firm/").follow("Pay dues by card on file")
    assert payer.heading == "Pay dues by card on file"
    payer.press("Go on to the card page")
    assert "Agree first" in payer.text
    payer.fill(agrees="on")
    payer.page.locator("main form button").last.click()
    payer.page.wait_for_load_state()
    assert "Save a card" in payer.page.locator("h1").inner_text()
    pay_with(payer, ASKS_AGAIN)
    authorise(payer)
    assert "The card is kept" in payer.page.locator("body").inner_text()
    assert "Visa ending in 3184" in payer.text
    payer.follow("Stop charging this card").press("Stop")
    assert "No card is kept" in payer.text


def test_a_transfer_of_a_part_and_a_card_for_the_rest_pay_an_invoice(people):
    finance, payer = people(), people()
    finance.sign_in("finance")
    number = open_invoices(finance)[0]
    finance.go(f"/staff/dues/{number}/transfer").fill(amount="1.00").press("Book it")
    assert "is still owed" in finance.page.locator("body").inner_text()
    finance.go(f"/invoices/{number}/pay-link")
    link = re.search(r"https?://\S+/pay/[\w-]+", finance.page.locator("main").inner_html())[0]
    payer.go(link).page.get_by_role("button", name="by card").click()
    payer.page.wait_for_load_state()
    pay_with(payer, PAYS)
    wait_until(payer, link, "Nothing is owed.")
    assert "Bank" in payer.text
    assert "Card" in payer.text
