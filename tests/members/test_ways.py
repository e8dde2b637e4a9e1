"""How people come to a firm: pasted invitations, a proven mail domain, a code."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts.models import Person, Token
from portal.core import clock
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.core.states import IllegalMove, Refused
from portal.members import actions, queries
from portal.members.mail_domains import plain_domain
from portal.members.models import FirmDomain, JoinCode, JoinRequest, RequestStatus
from tests.make import PASSWORD, make_contact, make_firm, make_member, make_membership, make_person


@pytest.fixture
def manager(browser):
    return browser.sign_in(make_member("roster_manager", "dues_contact"))


def firm_of(person):
    return queries.firm_of(person)


def last_mail(template):
    query = select(OutgoingMail).where(OutgoingMail.template == template)
    return db.session.scalars(query.order_by(OutgoingMail.id.desc())).first()


def mailed_link(template, room):
    return re.search(rf"http://portal\.test(/{room}/\S+)", last_mail(template).text)[1]


def proven(firm, domain, *, is_open=False):
    made = actions.add_domain(firm, domain, "postmaster", is_open=is_open)
    actions.prove_domain(made, "mail")
    db.session.commit()
    return made


# Invitations


def test_a_pasted_list_is_invited_and_who_is_here_is_named(browser, manager):
    listed = f"Nia New <nia@firm.example>\n\nben@firm.example; {manager.email}"
    browser.post("/firm/people/invite-several", people=listed, roles="staff")
    page = browser.get("/firm/people")
    assert f"Here or invited already: {manager.email}." in page
    invited = [one.email for one in queries.invited_to(firm_of(manager).id)]
    assert invited == ["nia@firm.example", "ben@firm.example"]
    nia = db.session.scalars(select(Person).filter_by(email="nia@firm.example")).one()
    assert nia.display_name == "Nia New"


@pytest.mark.parametrize(
    ("listed", "words"),
    [("nia@firm.example\nnobody", "These are no e-mail addresses: nobody"),
     ("\n".join(f"p{n}@firm.example" for n in range(51)), "Invite 50 people at a time"),
     (" ", "Paste at least one address")],
)  # fmt: skip
def test_a_bad_list_invites_nobody_and_keeps_what_was_pasted(browser, manager, listed, words):
    page = browser.post("/firm/people/invite-several", status=200, people=listed).text
    assert words in page
    assert db.session.query(Token).count() == 0


def test_an_invitation_works_fourteen_days_is_mailed_three_times_and_can_be_revoked(
    browser, manager
):
    actions.invite_colleague(firm_of(manager), "nia@firm.example", "Nia", ["staff"], manager)
    db.session.commit()
    first = mailed_link("accounts/invited", "invitation")
    for _more in range(2):
        (one,) = queries.invited_to(firm_of(manager).id)
        assert one.expires_at - one.made_at == timedelta(days=14)
        browser.post(f"/firm/people/invitations/{one.id}/resend", page="/firm/people")
    assert "This link does not work any more" in browser.get(first)
    (one,) = queries.invited_to(firm_of(manager).id)
    browser.post(f"/firm/people/invitations/{one.id}/resend", page="/firm/people")
    assert "was mailed 3 times" in browser.get("/firm/people")
    browser.post(f"/firm/people/invitations/{one.id}/revoke", page="/firm/people")
    assert queries.invited_to(firm_of(manager).id) == []
    assert "This link does not work any more" in browser.get(
        mailed_link("accounts/invited", "invitation")
    )


def test_an_invitation_shows_the_address_and_not_the_name_of_a_known_person(browser, manager):
    known = make_person(display_name="Well Known")
    actions.invite_colleague(firm_of(manager), known.email, "Somebody", ["staff"], manager)
    db.session.commit()
    page = browser.get("/firm/people")
    assert known.email in page
    assert "Well Known" not in page


# Domains


@pytest.mark.parametrize(
    ("typed", "words"),
    [("gmail.com", "Anybody can have an address at gmail.com"),
     ("@Yahoo.com", "Anybody can have an address"),
     ("gmai1.com", "looks too much like a public mail service"),
     ("firm.github.io", "shared by many"), ("onmicrosoft.com", "shared by many"),
     ("f\u0131rm.example", "plain letters a to z"), ("n\u0430rra.example", "plain letters a to z"),
     ("xn--nrra-53d.example", "plain letters a to z"), ("co.uk", "Enter a whole domain"),
     ("firm", "Enter a whole domain"), ("firm..example", "Enter a whole domain")],
)  # fmt: skip
def test_a_public_a_shared_and_a_look_alike_domain_are_refused(typed, words):
    with pytest.raises(Refused, match=re.escape(words)):
        plain_domain(typed)


@pytest.mark.parametrize(
    "typed", ["Narra.Example", "https://www.narra.example/about", "@narra.example"]
)
def test_a_domain_is_taken_as_people_write_it(typed):
    assert plain_domain(typed) == "narra.example"


def test_a_domain_is_proven_by_a_mail_to_its_own_mailbox(browser, another_browser, manager):
    facts = {"domain": "narra.example", "mailbox": "hostmaster", "joins": "ask"}
    browser.post("/firm/people/domains", **facts)
    assert "not proven yet" in browser.get("/firm/people")
    assert last_mail("members/prove_domain").recipient == "hostmaster@narra.example"
    link = mailed_link("members/prove_domain", "firm-domain")
    assert "Is narra.example a domain of" in another_browser.get(link)
    another_browser.post(link)
    assert "proven" in browser.get("/firm/people")
    assert "This link does not work any more" in another_browser.get(link)
    page = browser.post("/firm/people/domains", status=200, **facts).text
    assert "narra.example is proven already" in page


def test_a_second_link_waits_ten_minutes(browser, manager):
    facts = {"domain": "narra.example", "mailbox": "admin", "joins": "ask"}
    browser.post("/firm/people/domains", **facts)
    page = browser.post("/firm/people/domains", status=200, **facts).text
    assert "Wait ten minutes" in page


def test_another_firms_domain_and_one_that_looks_like_it_are_refused():
    proven(make_firm(), "modern-calls.example")
    for typed in ("modern-calls.example", "rnodern-calls.example", "m0dern-calls.example"):
        with pytest.raises(Refused, match="stands for another firm"):
            actions.add_domain(make_firm(), typed, "postmaster", is_open=False)


def test_firms_of_a_group_share_a_domain_and_the_person_picks(browser):
    first = make_firm(name="Sister One")
    second = make_firm(name="Sister Two", group=queries.group_of(first.id))
    for firm in (first, second):
        make_membership(firm)
        proven(firm, "group.example", is_open=True)
    person = browser.sign_in(make_person(email="nia@group.example"))
    page = browser.get("/firm/join")
    assert "Join Sister One" in page
    browser.post("/firm/join", firm=str(second.id), code="")
    assert firm_of(person).name == "Sister Two"
    assert person.id in {one.person_id for one in queries.roster(second.id)}
    assert queries.affiliation_of(person).id in queries.seated_ids(second.id)


def test_a_subdomain_is_not_implied_and_an_unconfirmed_address_proves_nothing(browser):
    firm = make_firm(name="Narra")
    proven(firm, "narra.example", is_open=True)
    for facts in (
        {"email": "nia@cebu.narra.example"},
        {"email": "ben@narra.example", "email_verified_at": None},
    ):
        person = browser.sign_in(make_person(**facts))
        assert "Join Narra" not in browser.get("/firm/join")
        with pytest.raises(Refused, match="does not belong to that firm"):
            actions.join_by_domain(person, firm)


def test_who_is_there_already_keeps_their_roles_and_is_told_so(browser, manager):
    proven(firm_of(manager), "test.example", is_open=True)
    page = browser.post("/firm/join", status=200, firm=str(firm_of(manager).id), code="").text
    assert "here already" in page
    assert queries.affiliation_of(manager).roles == ["roster_manager", "dues_contact"]


def test_a_removed_domain_lets_nobody_in(browser, manager):
    made = proven(firm_of(manager), "narra.example")
    browser.post(f"/firm/people/domains/{made.id}/remove", page="/firm/people")
    assert db.session.query(FirmDomain).count() == 0
    assert list(queries.firms_by_address("nia@narra.example")) == []


def test_staff_confirm_a_domain_that_they_checked(browser):
    firm = make_firm()
    made = actions.add_domain(firm, "narra.example", "postmaster", is_open=False)
    db.session.commit()
    browser.sign_in(make_person("membership", display_name="Saskia Staff"))
    url = f"/staff/members/{firm.id}"
    browser.post(f"{url}/domains/{made.id}/confirm", page=url)
    assert "proven: checked by Saskia Staff" in browser.get(url)


# Requests


def test_a_stranger_with_a_work_address_asks_and_the_manager_says_yes(
    browser, another_browser, manager
):
    proven(firm_of(manager), "narra.example")
    another_browser.post("/firm/join", name="Nia New", email="Nia@narra.example", code="")
    link = mailed_link("members/way_in", "invitation")
    another_browser.post(link, name="Nia New", password=PASSWORD)
    assert last_mail("members/join_requested").recipient == manager.email
    another_browser.get("/firm/", status=403)
    (asked,) = queries.open_requests(firm_of(manager).id)
    browser.post(f"/firm/people/requests/{asked.id}", page="/firm/people", answer="yes")
    assert last_mail("members/join_answered").recipient == "nia@narra.example"
    assert "People of" in another_browser.get("/firm/people")
    with pytest.raises(IllegalMove):
        actions.decline(db.session.get(JoinRequest, asked.id))


def test_a_request_that_is_declined_gives_nothing_and_says_so(browser, manager):
    person = make_person()
    asked = actions.ask_to_join(person, firm_of(manager), "code")
    assert actions.ask_to_join(person, firm_of(manager), "code") is asked
    db.session.commit()
    browser.post(f"/firm/people/requests/{asked.id}", page="/firm/people", answer="no")
    assert db.session.get(JoinRequest, asked.id).status is RequestStatus.DECLINED
    assert "with no" in last_mail("members/join_answered").text
    assert firm_of(person) is None


# Codes


def test_a_code_only_ever_asks_and_ends_after_its_uses(browser, another_browser, manager):
    browser.post("/firm/people/code", most="1", days="7")
    code = queries.live_code_of(firm_of(manager).id).code
    assert f"{code[:4]} {code[4:]}" in browser.get("/firm/people")
    person = another_browser.sign_in()
    another_browser.post("/firm/join", code=f"{code[:4].lower()} {code[4:]}")
    (asked,) = queries.open_requests(firm_of(manager).id)
    assert (asked.person_id, asked.way, firm_of(person)) == (person.id, "code", None)
    another_browser.sign_in()
    assert (
        "This code does not work" in another_browser.post("/firm/join", status=200, code=code).text
    )
    actions.approve(db.session.get(JoinRequest, asked.id))
    db.session.commit()
    assert queries.affiliation_of(person).roles == ["staff"]


def test_a_new_code_ends_the_one_before_and_codes_run_out(manager, at):
    firm = firm_of(manager)
    old, new = actions.new_code(firm, 5, 7), actions.new_code(firm, 5, 7)
    db.session.commit()
    assert queries.live_code(old.code) is None
    assert queries.live_code(new.code).id == new.id
    later = clock.now() + timedelta(days=8)
    at(later.year, later.month, later.day)
    assert queries.live_code(new.code) is None


def test_a_code_that_was_ended_does_not_work(browser, manager):
    made = actions.new_code(firm_of(manager), 5, 7)
    db.session.commit()
    browser.post("/firm/people/code/end", page="/firm/people")
    assert queries.live_code(made.code) is None


def test_codes_are_not_guessed_for_long(browser):
    browser.sign_in()
    for _ in range(10):
        browser.post("/firm/join", status=200, code="AAAA AAAA")
    answer = browser.post("/firm/join", status=429, code="AAAA AAAA")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many tries" in answer.text


def test_nobody_is_flooded_with_mail_by_a_stranger(browser):
    for _ in range(5):
        browser.post("/firm/join", name="Nia", email="nia@firm.example", code="")
    browser.post("/firm/join", status=429, name="Nia", email="nia@firm.example", code="")


def test_five_uses_of_a_code_for_three_are_three_requests(manager):
    made = actions.new_code(firm_of(manager), 3, 7)
    people = [make_person() for _ in range(5)]
    worked = 0
    for one in people:
        try:
            actions.use_code(one, made.code)
            worked += 1
        except Refused:
            db.session.rollback()
        else:
            db.session.commit()
    assert worked == db.session.get(JoinCode, made.id).used == 3


# Nobody learns who is here


def test_the_same_reply_and_the_same_time_class_for_known_and_unknown_addresses(browser):
    firm = make_firm()
    proven(firm, "narra.example")
    known = make_contact(firm, email="known@narra.example")
    addresses = [known.email, "unknown@narra.example", "nobody@elsewhere.example"]
    replies, times = [], []
    for address in addresses:
        begun = time.thread_time()
        answer = browser.post("/firm/join", name="Nia", email=address, code="")
        times.append(time.thread_time() - begun)
        page = browser.get(answer.location)
        replies.append(
            (answer.status_code, answer.location, re.sub(r'value="[^"]{60,}"', "", page))
        )
    assert replies[0] == replies[1] == replies[2]
    assert max(times) - min(times) < 0.5
    query = select(OutgoingMail).where(OutgoingMail.template == "members/way_in")
    mails = db.session.scalars(query.order_by(OutgoingMail.id)).all()
    assert [one.recipient for one in mails] == addresses
    assert "no firm here takes colleagues" in mails[2].text
    assert db.session.scalar(select(Person).filter_by(email="nobody@elsewhere.example")) is None


@pytest.mark.parametrize(("path", "before"), [
    ("/firm/people/invite", 'name="email"'), ("/firm/people/invite-several", 'name="people"'),
])  # fmt: skip
def test_whom_to_invite_is_asked_before_the_roles(browser, manager, path, before):
    page = browser.get(path)
    assert page.index(before) < page.index('name="roles"')
