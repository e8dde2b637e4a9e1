"""A card on file from consent to stop, and a debt that is paid in two ways."""

import re

from tests.demo.sandbox_process import ASKS_AGAIN, FOREIGN, PAYS
from tests.journeys.test_joining import pay_with


def pay_on_the_page(person, card):
    person.click(person.page.get_by_role("button", name="by card"))
    pay_with(person, card)


def authorise(person):
    person.click(person.page.get_by_role("button", name="Authorise", exact=True))


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
    payer.click(payer.page.locator("main form button").last)
    assert "Save a card" in payer.page.locator("h1").inner_text()
    pay_with(payer, ASKS_AGAIN)
    authorise(payer)
    assert "The card is kept" in payer.page.locator("body").inner_text()
    assert "Visa ending in 3184" in payer.text
    payer.follow("Stop charging this card").press("Stop")
    assert "No card is kept" in payer.text


def keep_card(payer, card):
    payer.go("/firm/auto-pay").fill(agrees="on")
    payer.click(payer.page.locator("main form button").last)
    pay_with(payer, card)
    authorise(payer)


def order_seats(payer):
    """The number of the invoice, for five: one costs too little for a card at a year's end."""
    payer.go("/firm/seats?seats=5").press("Order and send the invoice")
    return re.search(r"/(\d+)$", payer.page.url)[1]


def test_a_card_is_charged_its_bank_asks_first_and_the_payer_answers_on_the_page(people, demo):
    payer = people().sign_in("rival")
    invoice = order_seats(payer)
    number = re.search(r"LH-\d{4}-\d{6}", payer.heading)[0]
    keep_card(payer, ASKS_AGAIN)
    assert number in payer.text  # among what is charged next
    demo.live_on(invoice, 40)
    told = demo.wait_for_mail("rival@demo", f"ask you: invoice {number}")
    assert "Nothing was taken." in told["text"]
    assert "The bank wants to ask the payer" in payer.go("/firm/auto-pay").text
    link = next(one for one in told["links"] if "/pay/" in one)
    pay_on_the_page(payer.go(link), ASKS_AGAIN)
    authorise(payer)
    payer.wait_for(link, "Nothing is owed.")
    assert payer.page.locator("main td", has_text="Card").count() == 1
    payer.go("/firm/auto-pay").follow("Stop charging this card").press("Stop")


def test_a_transfer_of_a_part_and_a_card_for_the_rest_pay_an_invoice(people):
    finance, payer = people(), people()
    finance.sign_in("finance")
    number = open_invoices(finance)[0]
    finance.go(f"/staff/dues/{number}/transfer").fill(amount="1.00").press("Book it")
    assert "is still owed" in finance.page.locator("body").inner_text()
    finance.go(f"/invoices/{number}/pay-link")
    link = re.search(r"https?://\S+/pay/[\w-]+", finance.page.locator("main").inner_html())[0]
    pay_on_the_page(payer.go(link), PAYS)
    payer.wait_for(link, "Nothing is owed.")
    assert "Bank" in payer.text
    assert "Card" in payer.text


def test_what_was_paid_with_a_card_in_pounds_goes_back_to_it_whole(people, demo):
    payer, finance = people().sign_in("rival"), people().sign_in("finance")
    invoice = order_seats(payer)
    asked = payer.page.locator("main .amount").inner_text().split()[0]
    pay_on_the_page(payer, FOREIGN)
    payer.wait_for(f"/invoices/{invoice}", "Nothing is owed.")
    finance.go(f"/staff/dues/{invoice}")
    payment = finance.page.locator("main tr", has_text="Card").get_by_role("link")
    payment = payment.get_attribute("href")
    finance.go(f"/staff/dues/{invoice}/credit").fill(reason="Ordered by mistake")
    finance.press("Issue the credit note")
    finance.go(payment).follow("Send it back")
    assert "to the same card, in EUR, whatever currency the card is of" in finance.text
    finance.fill(reason="Ordered by mistake").press("Send it back")
    assert "on its way back to the card" in finance.page.locator("body").inner_text()
    finance.wait_for(payment, "Sent back")
    assert "0.00 EUR left" in finance.text
    mail = demo.wait_for_mail("", f"EUR {asked} is on its way back to Marula Contact")
    assert "the bank of a card in another currency converts it" in mail["text"]
    refund, charge = demo.at_stripe("refund")[-1], demo.at_stripe("charge")[-1]
    assert refund["currency"] == "eur"
    assert refund["presentment_details"] == charge["presentment_details"]
    assert charge["presentment_details"]["presentment_currency"] == "gbp"
