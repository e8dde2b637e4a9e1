"""A frank case from its first word to its readers: reviewed, answered, published, found."""

BODY = """## What we changed

Early leavers were counted from their first day on the floor, no longer of training.

## What came of it

The chinchilla of the title is our name for the sheet. Nobody at the client had asked for it.
"""


def write(editor, name):
    editor.go("/staff/library/").follow("Write a practice")
    editor.fill(
        title=f"The chinchilla sheet {name}", slug=f"chinchilla-sheet-{name}", body=BODY,
        summary="Counting early leavers by a sheet that agents fill in, and what went wrong.",
        kind="case_study", theme="quality", service="front_office", stage="operations",
        outcome="negative", evidence="one_case", frankness="named", reply_party="Oriole Support",
        not_again="We would not count anybody before the client and we agree on a day. " * 2,
        interest_author="The editor", interest_paid_by="nobody", change_note="First version",
        visibility="members",
    )  # fmt: skip
    editor.press("Preview")
    assert "What came of it" in editor.text
    editor.press("Keep").press("Send to review")
    assert "First answer due by" in editor.text
    return editor.page.url


def test_a_case_is_written_reviewed_published_and_found_by_a_synonym_or_misspelt(people, demo):
    name = people.name
    editor, second, peer = (people().sign_in(one) for one in ("editor", "admin", "rival"))
    there = write(editor, name)
    second.go(there).fill(email="rival@demo.example").press("Ask them")
    second.press("Fit to publish")
    peer.go("/library/reviews/").follow(f"The chinchilla sheet {name}")
    peer.fill(text="Which client was it?").press("Not yet")
    second.go(there)
    assert "Which client was it?" in second.text
    second.press("Resolve comment 2")
    peer.press("Fit to publish")
    second.go(there).press("Pass on to legal review")
    second.follow("Invite the counterparty")
    address = f"desk-{name}@oriole.example"
    second.fill(email=address, reason="Counsel read it: no risk.").press("Invite them")
    party = people().go(demo.wait_for_link(address, "/library/reply/"))
    party.fill(text="We asked for the sheet, in a letter that nobody read.", is_final="y")
    party.press("Send the reply")
    assert "The time to answer is over" in party.text
    second.go(there).press("Approve").press("Publish")
    assert "published" in second.text
    member = people().sign_in("person")
    member.wait_for("/library/?q=chinchilla+attrition", f"The chinchilla sheet {name}")
    assert "also searched" in member.text.lower()
    member.follow(f"The chinchilla sheet {name}")
    assert "We asked for the sheet, in a letter" in member.text
    member.go("/library/?q=chinchila")
    assert "Did you mean chinchilla?" in member.text
    member.follow("chinchilla").follow(f"The chinchilla sheet {name}")
    assert member.heading == f"The chinchilla sheet {name}"
