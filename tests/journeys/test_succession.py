"""Who kept a firm's people and its dues leaves, and a colleague takes over."""


def invite(manager, newcomer, demo, email, name):
    manager.go("/firm/people").follow("Invite a colleague")
    manager.fill(email=email, display_name=name).press("Send the invitation")
    mail = demo.wait_for_mail(email, "invited")
    newcomer.go(next(link for link in mail["links"] if "/invitation/" in link))
    return newcomer.fill(name=name, password="nine quiet harbours").press("Begin")


def row_of(person, name):
    return person.page.locator("main tr", has_text=name).inner_text()


def test_a_leavers_successor_takes_over_the_roles_and_the_seat(people, demo):
    """Two colleagues come; the second takes over from the first, who leaves."""
    mark = people.name.lower()
    manager, first, second = people().sign_in("rival"), people(), people()
    leaver, heir = f"Lwazi {people.name}", f"Naledi {people.name}"
    invite(manager, first, demo, f"lwazi.{mark}@marula.example", leaver)
    invite(manager, second, demo, f"naledi.{mark}@marula.example", heir)
    manager.go("/firm/people").follow(f"Roles of {leaver}")
    manager.page.locator("main label", has_text="Roster manager").click()
    manager.press("Keep")
    assert "Roster manager" in row_of(manager, leaver)
    first.go("/firm/people").follow(f"Roles of {heir}")
    first.page.locator("main label", has_text="Alternate").click()
    first.press("Keep")
    assert "Alternate" in row_of(first, heir)

    manager.go("/firm/people").follow("Roles of Thandi Mokoena")
    manager.page.locator("main label", has_text="Dues contact").click()
    manager.press("Keep")
    assert "A firm needs a dues contact" in manager.text
    manager.fill(successor=heir).press("Keep")
    assert "Dues contact" in row_of(manager, heir)
    assert "Dues contact" not in row_of(manager, "Thandi Mokoena")

    had = len(
        [one for one in demo.mails("rival@demo") if "dues contact" in one["subject"].lower()]
    )
    second.go("/firm/people").follow("I left this firm").press("I left")
    assert "no longer with Marula Contact" in second.page.locator("body").inner_text()
    mail = demo.wait_for_mail("rival@demo.example", "dues contact", after=had)
    assert "Marula Contact has nobody as dues contact now" in mail["text"]
    manager.go("/firm/people")
    assert "Dues contact: to be named by" in manager.text
    manager.follow("Roles of Thandi Mokoena")
    manager.page.locator("main label", has_text="Dues contact").click()
    manager.press("Keep")
    assert "to be named by" not in manager.text
    manager.click(
        manager.page.locator("main tr", has_text=leaver).get_by_role("link", name="Left")
    )
    manager.press("They left")
    assert leaver not in manager.page.locator("main table").inner_text()
    assert first.go("/firm/people").heading != "People of Marula Contact"
