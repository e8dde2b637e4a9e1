"""A second factor is set up and asked for; a forgotten password is replaced."""

import time

import pyotp

LAST = {}


def fresh_code(secret):
    """A code that was not used before: of a clock that goes half a minute ahead, if need be."""
    LAST[secret] = max(int(time.time()) // 30, LAST.get(secret, 0) + 1)
    return pyotp.TOTP(secret).at(LAST[secret] * 30)


def test_a_second_factor_is_set_up_and_then_asked_for(people, demo):
    person = people().sign_in("committee")
    person.go("/account/second-factor").press("Set it up")
    paper = person.page.locator("svg.qr").bounding_box()
    drawn = person.page.locator("svg.qr path").bounding_box()
    assert paper["width"] - 48 < drawn["width"] < paper["width"] == paper["height"]
    assert drawn["x"] + drawn["width"] < paper["x"] + paper["width"], "the code is there whole"
    secret = person.page.locator("main code").first.inner_text()
    person.fill(code="000000", current="demo-association").press("Turn it on")
    assert "not right" in person.text
    used = fresh_code(secret)
    person.fill(code=used, current="demo-association").press("Turn it on")
    codes = person.page.locator("ul.codes code").all_inner_texts()
    assert len(codes) == 8
    again = people().sign_in("committee")
    assert again.heading == "Enter the code"
    again.fill(code=used).press("Go on")
    assert "not right" in again.text  # a code serves once
    again.fill(code=fresh_code(secret)).press("Go on")
    assert again.heading == "Linden Klantcontact"
    again = people().sign_in("committee")
    again.fill(code=codes[0]).press("Go on")
    assert again.heading == "Linden Klantcontact"
    again.go("/account/second-factor").fill(current="demo-association").press("Turn it off")
    assert again.heading == "Your account"


def replace_password(person, demo, password):
    """By the mailed link; the answer is the link, which has then been used."""
    had = len(
        [one for one in demo.mails("chair@demo") if "new password" in one["subject"].lower()]
    )
    person.go("/reset").fill(email="chair@demo.example").press("Send the link")
    mail = demo.wait_for_mail("chair@demo.example", "new password", after=had)
    link = next(one for one in mail["links"] if "/reset/" in one)
    person.go(link).fill(password="short").press("Keep the new password")
    assert "8 characters or more" in person.text
    person.fill(password=password).press("Keep the new password")
    return link


def test_a_forgotten_password_is_replaced_and_every_session_ends(people, demo):
    at_work, at_home = people().sign_in("chair"), people()
    new = f"harbour lights {people.name}"
    link = replace_password(at_home, demo, new)
    assert at_work.go("/dashboard").heading == "Sign in"
    assert people().sign_in("chair", new).heading == "Rowan Contact"
    assert at_home.go(link).heading == "This link does not work any more"
    replace_password(at_home, demo, "demo-association")  # as the next journey expects it
