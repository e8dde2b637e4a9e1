"""A legal hold stops the nightly forgetting: of each kind of data, until it is over."""

from datetime import date, timedelta

import pytest

from portal.accounts import tokens
from portal.accounts.actions import start_session
from portal.accounts.models import SignIn, Token, TokenKind
from portal.accounts.retention import RULES, forget_what_is_due
from portal.core import audit, clock
from portal.core.audit import AuditEvent
from portal.core.bounces import BouncedAddress, note_bounce
from portal.core.db import db
from portal.core.merging import Merge
from portal.dues import actions
from portal.dues.matching import Ground
from portal.dues.models import BankLine, BankMatch
from portal.events.models import Registration
from portal.joining.jobs import expire_applications
from portal.joining.models import Application
from portal.members import keeping
from portal.members.models import Affiliation
from tests.dues.books import make_invoice
from tests.dues.statements import imported, moved, mt940
from tests.events.making import make_event, registered
from tests.joining.applying import make_application
from tests.make import make_contact, make_firm, make_person

OLD = (2010, 3, 1, 9)


def of_session(person):
    start_session(person, stays=False, address="192.0.2.1", browser="Test")


def of_link(person):
    tokens.make(TokenKind.RESET, person.email, person)


def of_invitation(person):
    tokens.make(TokenKind.INVITE, person.email.upper(), None)


def of_bounce(person):
    note_bounce(person.email, "gone")


def of_application(person):
    make_application(upto="declined", email=person.email)


def of_draft(person):
    make_application(upto="begun", email=person.email)


def of_needs(person):
    registered(make_event(starts_in=3), person.email)
    held = db.session.query(Registration).filter_by(email=person.email).one()
    held.needs, held.person_id = "no nuts", None


def named_line(person):
    imported(mt940(moved("1.00", person.display_name.upper(), day=date(2010, 3, 1))))


def accented_line(person):
    person.display_name = "Élodie Åkesson"
    imported(mt940(moved("1.00", "ÉLODIE ÅKESSON", day=date(2010, 3, 1))))


def line_for_a_firm(person):
    paid_line(make_invoice(paid_by={"name": "A patron", "email": person.email}))


def line_of_payer(person):
    paid_line(make_invoice(False, email=person.email))


def line_of_firm(person):
    firm = make_firm()
    make_contact(firm, email=f"colleague{firm.id}@test.example")
    affiliated(person, firm)
    paid_line(make_invoice(firm))


def affiliated(person, firm):
    """They left the firm since."""
    held = make_contact(firm, "staff", email=f"left{firm.id}@test.example")
    row = db.session.query(Affiliation).filter_by(person_id=held.id).one()
    row.person_id, row.until_on = person.id, row.from_on + timedelta(1)


def paid_line(invoice):
    amount = f"{invoice.total_minor / 100:.2f}"
    (line,) = imported(
        mt940(moved(amount, "A", f"For {invoice.number}", day=date(2010, 3, 1)))
    )  # fmt: skip
    actions.book(line, [(invoice, invoice.total_minor)], Ground.HAND, "", make_person("finance"))


def count(model, *conditions):
    db.session.expire_all()
    return db.session.query(model).filter(*conditions).count()


KINDS = {
    "sign_ins": (of_session, SignIn, ()),
    "links": (of_link, Token, ()),
    "links to an address": (of_invitation, Token, ()),
    "bounces": (of_bounce, BouncedAddress, ()),
    "applications": (of_application, Application, (Application.applicant != "Erased",)),
    "drafts": (of_draft, Application, (Application.applicant != "Erased",)),
    "needs": (of_needs, Registration, (Registration.needs != "",)),
    "bank_lines with their name": (named_line, BankLine, ()),
    "bank_lines with their name in capitals with accents": (accented_line, BankLine, ()),
    "bank_lines of what they paid": (line_of_payer, BankLine, ()),
    "bank_lines of what they paid for a firm": (line_for_a_firm, BankLine, ()),
    "bank_lines of a firm they left": (line_of_firm, BankLine, ()),
}


def night():
    expire_applications()
    forget_what_is_due()
    db.session.expire_all()


def held_person(last=date(2040, 1, 1)):
    person = make_person(display_name="Iris Held")
    keeping.hold(person, "A claim.", last, make_person("admin"))
    db.session.commit()
    return person


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_of_somebody_under_a_hold_stays_until_it_is_over(at, kind):
    make, model, conditions = KINDS[kind]
    at(*OLD)
    person = held_person()
    before = count(model, *conditions)
    make(person)
    db.session.commit()
    kept = count(model, *conditions)
    assert kept > before
    at(2036, 3, 1, 9)
    night()
    assert count(model, *conditions) == kept
    keeping.release(person, "It was settled")
    db.session.commit()
    night()
    assert count(model, *conditions) == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_of_others_goes_while_somebody_is_under_a_hold(at, kind):
    make, model, conditions = KINDS[kind]
    at(*OLD)
    held_person()
    make(make_person(display_name="Ola Free"))
    db.session.commit()
    at(2036, 3, 1, 9)
    night()
    assert count(model, *conditions) == 0


def test_every_rule_is_among_the_kinds():
    told = {one.partition(" ")[0] for one in KINDS}
    assert told | {"record"} == {one.code for one in RULES}


def test_a_hold_that_ended_by_its_last_day_keeps_nothing_any_more(at):
    at(*OLD)
    person = held_person(last=date(2010, 6, 1))
    of_session(person)
    db.session.commit()
    at(2010, 6, 1, 12)
    night()
    assert count(SignIn) == 1
    at(2010, 6, 2, 12)
    night()
    assert count(SignIn) == 0


def test_what_is_of_an_account_that_was_merged_into_theirs_stays_as_well(at):
    at(*OLD)
    older, person = make_person(), held_person()
    of_bounce(older)
    told = {"made_at": clock.now(), "actor": "system", "reason": "So.", "moved": {}}
    db.session.add(Merge(kind="people", old_id=older.id, new_id=person.id, **told))
    db.session.commit()
    at(2036, 3, 1, 9)
    night()
    assert count(BouncedAddress) == 1


def noted(at, year, verb, by="system", subject="test:1"):
    at(year, 1, 1, 12)
    audit.record(verb, subject, by=by)
    db.session.commit()


def years():
    db.session.expire_all()
    query = db.session.query(AuditEvent).filter(AuditEvent.verb.startswith("year"))
    return [one.verb for one in query.order_by(AuditEvent.id)]


@pytest.mark.parametrize("way", ["by", "subject"])
def test_the_record_stays_from_their_first_act_on_and_its_chain_holds(at, way):
    at(2009, 12, 1, 9)
    person = make_person()
    noted(at, 2010, "year.2010")
    noted(at, 2011, "year.2011", **{way: f"person:{person.id}"})
    noted(at, 2012, "year.2012")
    at(2024, 6, 1, 9)
    keeping.hold(person, "A claim.", date(2040, 1, 1), make_person("admin"))
    db.session.commit()
    night()
    assert years() == ["year.2011", "year.2012"]
    night()
    assert list(audit.broken_links()) == []
    keeping.release(person, "It was settled")
    db.session.commit()
    night()
    assert years() == []
    assert list(audit.broken_links()) == []


def test_a_line_that_stays_keeps_what_became_of_it(at):
    at(*OLD)
    line_of_payer(held_person())
    db.session.commit()
    at(2036, 3, 1, 9)
    night()
    assert (count(BankLine), count(BankMatch)) == (1, 1)


def test_the_privacy_page_says_it(browser):
    assert "theirs stay until that is over" in browser.get("/privacy")
