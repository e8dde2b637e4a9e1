"""A checklist is begun on one visit and gone on with on the next, with a script and without."""


def test_a_checklist_is_filled_over_two_visits(people, demo):
    first = people().sign_in("manager")
    name = f"Cebu {people.name}"
    first.go("/library/due-diligence-site-visit").follow("Fill this checklist")
    first.fill(title=name).press("Begin")
    assert "0 of 60" in first.text
    box = first.page.locator("fieldset.item").first
    box.locator("input[value=yes]").check()
    if people.name == "with":  # each answer at once
        first.page.locator("#progress", has_text="1 of 60").wait_for()
    box.locator("summary").click()
    box.locator("textarea").fill("They knew the day only")
    if people.name == "with":
        box.locator("textarea").blur()
        first.page.wait_for_load_state("networkidle")
    else:
        first.click(first.page.locator("button[form=fill]").first)
        assert "Kept." in first.text
    again = people().sign_in("manager")
    again.go("/firm/checklists/").follow(name)
    assert "1 of 60" in again.text
    assert "They knew the day only" in again.text
    again.page.locator("fieldset.item").nth(1).locator("input[value=no]").check()
    again.click(again.page.locator("button[form=fill]").first)
    assert "2 of 60, 1 no" in again.text
    again.press("Close it")
    assert "closed on" in again.text


def test_a_checklist_of_sixty_items_is_laid_out_at_once_and_each_opens(people, demo):
    """Chromium lays out again for each closed part with fields, unless it is not drawn at all."""
    member = people().sign_in("manager").go("/library/due-diligence-site-visit")
    member.follow("Fill this checklist").fill(title=f"Davao {people.name}").press("Begin")
    tools = member.page.context.new_cdp_session(member.page)
    tools.send("Performance.enable")
    member.go(member.page.url)
    measured = {
        one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]
    }
    assert measured["LayoutCount"] < 10
    box = member.page.locator("fieldset.item").last
    assert not box.locator("textarea").is_visible()
    box.locator("summary").click()
    assert box.locator("textarea").is_visible()
