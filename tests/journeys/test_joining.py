"""From the first visit to a paid membership, and a colleague who signs in."""

import re

from tests.demo.sandbox_process import DECLINED, PAYS


def pay_with(person, card):
    """Fill in the hosted page as it stands and send it."""
    fields = person.page.locator("input:not([type=hidden])")
    for position, value in enumerate((card, "12/40", "123")):
        fields.nth(position).fill(value)
    person.click(person.page.locator("button").first)


def begin_application(visitor, firm, email, kind="provider_front"):
    """The price first; then two pages are saved, and the visitor goes away."""
    visitor.go("/").follow("Apply for membership")
    visitor.fill(kind=kind, country="PH").press("Continue")
    if kind == "provider_front":
        visitor.fill(metric_full_time_equivalents="60").press("Show the price")
    assert "To pay" in visitor.text
    visitor.follow("Apply for membership")
    visitor.fill(applicant="Rosa Dizon", email=email).press("Save and continue")
    visitor.fill(name=firm, registration_no=f"R-{firm}", address="5 Harbour Road\nCebu")
    visitor.press("Save and continue")
    assert visitor.heading == "Whom we write to"


def finish_application(visitor, demo, firm, email, send="Send the application"):
    """On another device, by the mailed link: it goes on where it was left."""
    mail = demo.wait_for_mail(email, "your application to")
    visitor.go(next(link for link in mail["links"] if "/join/a/" in link))
    assert visitor.heading == "Whom we write to"
    visitor.fill(title="Director", phone="+63 917 555 0101").press("Save and continue")
    visitor.fill(owner="Its founders", signed="on", accepts="on")
    visitor.press("Save and continue")
    assert visitor.heading == "Check your answers"
    assert firm in visitor.text
    visitor.press(send)
    assert "Reference AP-" in visitor.text


def review(officer, visitor, demo, firm, email):
    """A question, its answer by the mailed link, and the decision."""
    officer.sign_in("membership").go("/staff/joining/?state=submitted").follow(firm)
    officer.press("Take it for review").follow("Ask a question")
    officer.fill(question="Who owns the other half?").press("Send the question")
    mail = demo.wait_for_mail(email, "a question about your application")
    visitor.go(next(link for link in mail["links"] if "/join/a/" in link))
    assert "Who owns the other half?" in visitor.text
    visitor.fill(reply="Her brother.").press("Send the answer")
    officer.go("/staff/joining/?state=under_review").follow(firm)
    assert "Her brother." in officer.text
    officer.follow("Admit the firm").press("Admit and send the invoice")


def test_a_visitor_becomes_a_paid_member_and_a_colleague_signs_in(people, demo):
    firm, email = f"Sampaguita {people.name}", f"rosa.{people.name.lower()}@sampaguita.example"
    begin_application(people(), firm, email)
    visitor = people()
    finish_application(visitor, demo, firm, email)
    assert visitor.heading == "Your application is with us"
    review(people(), visitor, demo, firm, email)
    mail = demo.wait_for_mail(email, "LH-")
    number = re.search(r"LH-\d{4}-\d{6}", mail["subject"])[0]
    assert f"{number}.pdf" in visitor.go(f"/mailbox/?to={email}").text
    pay_page = next(link for link in mail["links"] if "/pay/" in link)
    visitor.go(pay_page).click(visitor.page.get_by_role("button", name="by card"))
    pay_with(visitor, DECLINED)
    assert "declined" in visitor.page.locator("body").inner_text().lower()
    pay_with(visitor, PAYS)
    visitor.wait_for(pay_page, "Paid")
    demo.wait_for_mail(email, "is a member")
    invited = demo.wait_for_mail(email, "invited")
    visitor.go(next(link for link in invited["links"] if "/invitation/" in link))
    visitor.fill(name="Rosa Dizon", password="a quiet harbour wall").press("Begin")
    assert visitor.heading == firm
    invite_a_colleague(visitor, people(), demo, f"jun.{people.name.lower()}@sampaguita.example")


def test_a_consultant_pays_first_is_declined_and_gets_the_money_back(people, demo):
    firm, email = f"Anahaw {people.name}", f"lea.{people.name.lower()}@anahaw.example"
    begin_application(people(), firm, email, kind="consultant")
    visitor, officer = people(), people()
    finish_application(visitor, demo, firm, email, "Send the application and get the invoice")
    assert visitor.heading == "Your application is with us: pay the dues"
    status = visitor.page.url
    visitor.follow("See and pay the invoice")
    assert "all of it comes back to you" in visitor.text
    pay_page = visitor.page.url
    visitor.click(visitor.page.get_by_role("button", name="by card"))
    pay_with(visitor, PAYS)
    visitor.wait_for(pay_page, "Paid")
    demo.wait_for_mail(email, "we read your application")
    assert visitor.go(status).heading == "Your application is being read"
    officer.sign_in("membership").go("/staff/joining/?state=under_review").follow(firm)
    assert "It was paid first" in officer.text
    officer.follow("Decline").page.locator("[name=criterion]").first.check()
    officer.fill(reason="The firm does no such work, as its own pages say.").press("Decline")
    demo.wait_for_mail(email, "is on its way back")
    assert "What was paid goes back" in visitor.go(status).text


def invite_a_colleague(visitor, colleague, demo, email):
    visitor.go("/firm/").follow("Invite a colleague")
    visitor.fill(email=email, display_name="Jun Santos")
    visitor.click(visitor.page.locator("main form button").last)
    mail = demo.wait_for_mail(email, "invited")
    colleague.go(next(link for link in mail["links"] if "/invitation/" in link))
    colleague.fill(name="Jun Santos", password="three small boats").press("Begin")
    colleague.click(colleague.page.locator("header").get_by_role("button", name="Sign out"))
    assert colleague.go("/dashboard").heading == "Sign in"
    colleague.fill(email=email, password="three small boats").press("Sign in")
    colleague.go("/library/we-chose-on-price")
    assert "What we would not do again" in colleague.text
    colleague.go("/library/due-diligence-site-visit")
    assert "Before you go" in colleague.text
