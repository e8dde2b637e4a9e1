"""Two people want the last seat: one gets it, the other waits, and gets it when it comes free."""


def ask_for_a_seat(person, name, email, button):
    person.fill(buyer_name=name, buyer_email=email)
    person.fill(people__0__name=name, people__0__email=email)
    person.press(button)


def give_back(person):
    person.follow("Cancel this registration").press("Cancel the registration")
    assert "The order is cancelled" in person.page.locator("body").inner_text()


def read_the_calendar(person, email):
    """The file that came with the newest mail to somebody."""
    person.go(f"/mailbox/?to={email}")
    url = person.page.get_by_role("link", name="event.ics").first.get_attribute("href")
    return person.page.request.get(person.demo.url + url).text()


def test_the_last_seat_goes_to_one_and_the_other_waits(people, demo):
    first, second = people(), people()
    here, there = (f"{one}.{people.name}@walk-in.example".lower() for one in ("first", "second"))
    for person in (first, second):
        person.go("/events/?q=last-seat").follow("Last-seat roundtable")
        assert "1 of 12 seats left" in person.text
        assert "10:00 London" in person.text  # where it is
        assert "11:00 Amsterdam" in person.text  # where its reader is
        person.follow("Register")
    ask_for_a_seat(first, "Ada First", here, "Register")
    ask_for_a_seat(second, "Ben Second", there, "Register")
    assert "Confirmed" in first.text
    assert "you are number 1 on the waiting list" in second.text
    assert "10:00\N{NO-BREAK SPACE}London" in demo.wait_for_mail(here, "your seat")["text"]
    file = read_the_calendar(people(), here)
    assert "METHOD:REQUEST" in file
    assert "DTSTART;TZID=Europe/London:" in file
    give_back(first)
    demo.wait_for_mail(there, "your seat")
    second.page.reload()
    assert "Confirmed" in second.text
    give_back(second)
