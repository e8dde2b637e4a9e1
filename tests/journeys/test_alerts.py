"""A search is saved three times over; a practice that comes later is told once by each."""

OFTEN = {"At once": "instant", "Once a day": "daily", "Once a week": "weekly"}
WHERE = ("/library/?q=", "/library/?theme=quality&q=", "/search?q=")
WHO = {"with": "manager", "without": "committee"}


def save_searches(member, word):
    """Each finds the word somewhere else, and mails at its own pace."""
    for words, address in zip(OFTEN, WHERE, strict=True):
        member.go(address + word).follow("Save this search")
        member.page.get_by_label(words).check()
        member.fill(name=f"{OFTEN[words]} {word}").press("Save")
    assert f"weekly {word}" in member.text


def publish(people, title):
    editor, second, peer = (people().sign_in(one) for one in ("editor", "admin", "rival"))
    editor.go("/staff/library/new").fill(
        title=title, slug=title.replace(" ", "-").lower(), body="Every Friday, with the client.",
        summary="How a site and its client score the same calls and compare.", kind="guide",
        theme="quality", service="front_office", stage="operations", evidence="opinion",
        interest_author="The editor", interest_paid_by="nobody", change_note="First version",
        visibility="members",
    )  # fmt: skip
    editor.press("Keep").press("Send to review")
    there = editor.page.url
    second.go(there).fill(email="rival@demo.example").press("Ask them")
    second.press("Fit to publish")
    peer.go("/library/reviews/").follow(title).press("Fit to publish")
    second.go(there).press("Approve").press("Publish")


def test_a_saved_search_mails_a_new_practice_once_and_never_again(people, demo):
    account = WHO[people.name]
    member, email = people().sign_in(account), f"{account}@demo.example"
    title = f"Calibration on Fridays {people.name}"
    save_searches(member, "calibration")
    had = demo.look_at_searches(email, "0")
    publish(people, title)
    for address in WHERE:
        member.wait_for(f"{address}calibration", title)

    news = {often: f"New for “{often} calibration”: {title}" for often in OFTEN.values()}
    assert had == [[]]
    assert demo.look_at_searches(email, "0,0", "2,2", "8,8", "9,16,30") == [
        [news["instant"]], [news["instant"], news["daily"]],
        list(news.values()), list(news.values()),
    ]  # fmt: skip
    for subject in news.values():
        told = demo.wait_for_mail(email, subject)
        assert f"/library/{title.replace(' ', '-').lower()}" in told["text"]
        assert told["text"].count("\n- ") == 1  # what was known is no news
        assert sum(one["subject"] == subject for one in demo.mails(email)) == 1
