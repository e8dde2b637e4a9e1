"""Two records of one firm become one: the group first, then the merge, and the old address."""

from portal.core import clock

PAIRS = {  # the demo has one pair that looks alike; the other is looked for by name
    "with": ("Talisay Care", "Talisay Care Inc."),
    "without": ("Lauan Systems", "Bakawan Advisory"),
}


def number_in(address):
    return address.rstrip("/").rpartition("/")[2]


def open_firm(officer, name):
    """The number of a firm, found in the register."""
    officer.go(f"/staff/members/?q={name}")
    officer.click(officer.page.locator("main th a").get_by_text(name, exact=True).first)
    assert officer.heading == name
    return number_in(officer.page.url)


def test_two_records_of_one_firm_become_one(people, demo):
    keep, lose = PAIRS[people.name]
    officer = people().sign_in("membership")
    kept, lost = open_firm(officer, keep), open_firm(officer, lose)
    officer.go(f"/staff/members/{kept}").follow("Duplicates of it")
    if people.name == "with":
        assert "same domain talisay-care.example" in officer.text
    else:
        officer.page.fill("main [name=q]", lose)
        officer.press("Look")
    officer.follow("Side by side")
    assert officer.heading == f"Merge {lose} into {keep}"
    assert "They are of different groups" in officer.text
    officer.follow(f"Change the group of {lose}")
    officer.page.select_option("main [name=group_id]", label=keep)
    officer.page.fill("main [name=on]", clock.today("Europe/Amsterdam").isoformat())
    officer.page.check("main [name=basis][value=registry]")
    officer.fill(evidence="Extract of the register").press("Show what it changes")
    assert "Votes of the firms together" in officer.text
    officer.press("Record the change")
    assert officer.heading == keep
    officer.go(f"/staff/members/{kept}/merge/{lost}")
    assert "cannot be merged now" not in officer.text
    officer.fill(reason="One entry in the register", typed="something else")
    officer.press("Merge the two")
    assert "Type the name as it stands" in officer.text
    officer.fill(typed=lose).press("Merge the two")
    assert officer.heading == keep
    officer.go(f"/staff/members/{lost}")
    assert number_in(officer.page.url) == kept
    officer.go(f"/staff/dues/?organization={lost}")
    assert keep in officer.page.locator("main").inner_text()
