"""A bill is filtered, mapped and followed; a visitor searches everything."""


def test_bills_are_filtered_mapped_and_followed(people, demo):
    member = people().sign_in("rival")
    member.go("/legislation/?topic=transport")
    assert "7 measures, next dates first" in member.text
    tile = member.page.locator("svg.tiles a[aria-label*='Philippines']")
    count = tile.get_attribute("aria-label").split()[1].rstrip(",")
    member.click(tile)
    assert "topic=transport" in member.page.url
    assert f"{count} measures" in member.text
    member.go("/legislation/?q=QCity+Bus").follow("QCity Bus Ordinance")
    if "Stop following" not in member.text:
        member.press("Follow")
    assert "Stop following" in member.text
    assert "QCity Bus Ordinance" in member.go("/dashboard").text
    member.go("/legislation/?q=QCity+Bus").follow("QCity Bus Ordinance").press("Stop following")
    assert "QCity Bus Ordinance" not in member.go("/dashboard").text


def test_a_visitor_searches_everything_and_the_slash_finds_the_box(people, demo):
    visitor = people().go("/about")
    box = visitor.page.locator("#site-q")
    if people.name == "with":
        visitor.page.keyboard.press("/")
        assert box.evaluate("one => one === document.activeElement")
        visitor.page.keyboard.type("ordinance")
    else:
        box.fill("ordinance")
    with visitor.page.expect_navigation():
        box.press("Enter")
    assert visitor.heading == "Search: “ordinance”"
    visitor.follow("QCity Bus Ordinance")
    assert "Quezon City" in visitor.text


def test_whoever_is_here_finds_a_name_large_enough_to_hit(people, demo):
    """24 px is the least that a finger or a trembling hand can be asked for."""
    member = people().sign_in("lapsed")
    links = member.page.locator("header .who > a").all()
    assert links
    assert all(link.bounding_box()["height"] >= 24 for link in links)
