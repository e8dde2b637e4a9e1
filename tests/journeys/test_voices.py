"""A case is told under a pseudonym, taken up, and its seal opened: the author learns of it."""


def test_a_case_under_a_pseudonym_is_taken_up_and_its_author_is_told_when_the_seal_is_opened(
    people, demo
):
    member, editor = people().sign_in("rival"), people().sign_in("editor")
    title = f"We closed a site by letter {people.name}"
    member.go("/library/").follow("Propose a practice or a case")
    member.page.get_by_label("A case: what happened").check()
    member.page.get_by_label("It went badly").check()
    member.fill(title=title, happened="We told 40 people by letter that their site would close.")
    member.press("Send to the editors")
    assert "A case says in 80 characters or more" in member.text
    member.fill(not_again="We would not tell anybody by letter what their own team leader could "
                "have said to them in a room.")  # fmt: skip
    member.press("Send to the editors")
    assert "first answer by" in member.text
    assert "as “A member”" in member.text

    editor.go("/staff/library/proposals").follow(title)
    proposal = editor.page.url
    assert "Thandi" not in editor.text
    editor.fill(theme="facilities").press("Take into a draft")
    assert "What happened" in editor.text
    assert "Open the seal" not in editor.go(proposal).text
    keyholder = people().sign_in("keyholder")
    keyholder.go(proposal).follow("Open the seal")
    keyholder.press("Open the seal")
    assert "Say why" in keyholder.text
    had = sum("opened the seal" in one["subject"] for one in demo.mails("rival@demo.example"))
    keyholder.fill(reason="Somebody asks whether this is made up.").press("Open the seal")
    assert "Thandi Mokoena" in keyholder.text
    assert "Thandi" not in keyholder.go(proposal).text

    assert "taken up: draft" in member.go("/library/proposals").text
    assert "Reason: Somebody asks whether this is made up." in member.text
    told = demo.wait_for_mail("rival@demo.example", "opened the seal", after=had)
    assert title not in told["subject"] + told["text"]
