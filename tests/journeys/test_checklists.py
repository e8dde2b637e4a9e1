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
