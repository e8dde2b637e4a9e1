"""Two people want the last seat: one gets it, the other is told the number on the list."""


def test_the_last_seat_goes_to_one_and_the_other_waits(people, demo):
    first, second = people(), people()
    for person in (first, second):
        person.go("/events/?q=last-seat").follow("Last-seat roundtable")
    was_free = "1 of 12 seats left" in first.text
    first.follow("Register" if was_free else "Join the waiting list")
    second.follow("Register" if was_free else "Join the waiting list")
    button = "Register" if was_free else "Join the waiting list"
    for name, person in (("first", first), ("second", second)):
        email = f"{name}.{people.name}@walk-in.example"
        person.fill(buyer_name=f"{name} {people.name}", buyer_email=email)
        person.page.locator("[name='people-0-name']").fill(f"{name} {people.name}")
        person.page.locator("[name='people-0-email']").fill(email)
        person.press(button)
    if was_free:
        assert "Confirmed" in first.text
        mail = demo.wait_for_mail(f"first.{people.name}", "your seat")
        assert "15:" in mail["text"] or "10:00" in mail["text"]
    assert "you are number" in second.text
    second.follow("Cancel this registration").press("Cancel the registration")
    assert "cancelled" in second.text.lower()
