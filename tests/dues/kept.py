"""Firms that let us charge a card, and days that pass."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.dues import charging, saving
from portal.dues.jobs import look_after_attempts
from portal.dues.models import AutomaticCharge, CardMandate, Payment, PaymentAttempt
from tests.demo.sandbox_process import PAYS
from tests.make import business_day, make_contact, make_firm, make_membership


def make_payer(**facts):
    """The dues contact of a new firm whose membership is in force."""
    firm = make_firm(**facts)
    make_membership(firm)
    return make_contact(firm, "dues_contact"), firm


def keep_card(stripe, firm, person, card=PAYS, **how):
    """Consent, the hosted page, and the card that is then kept."""
    url = saving.start(firm, person)
    stripe.pay(url, card, **how)
    session_id = db.session.scalars(select(CardMandate.session_id).order_by(CardMandate.id)).all()
    saving.look(session_id[-1])
    return db.session.scalars(select(CardMandate).order_by(CardMandate.id.desc())).first()


class Days:
    """Moves the portal's clock and the sandbox's together, from noon to noon."""

    def __init__(self, at, stripe):
        self.at, self.stripe, self.day = at, stripe, business_day()

    def go(self, day):
        self.day = day
        noon = datetime.combine(day, time(12))
        self.at(*noon.timetuple()[:6])
        self.stripe.set_clock(clock.now())
        return self

    def work(self, hours=2):
        """What a worker does in a few hours of the day."""
        for hour in range(hours):
            self.at(*datetime.combine(self.day, time(12 + hour, 1)).timetuple()[:6])
            jobs.work()
        return self

    def live(self, until):
        """Every day from the next to `until`: what is done by the hour about cards."""
        while self.day < until:
            self.go(self.day + timedelta(days=1))
            for _hour in range(2):
                charging.look_after_kept_cards()
                look_after_attempts()
                db.session.commit()
        return self.work(1)


def every(model):
    db.session.expire_all()
    return db.session.scalars(select(model).order_by(model.id)).all()


def statuses():
    return [one.status.value for one in every(PaymentAttempt)]


def steps():
    return [(one.step, one.on) for one in every(AutomaticCharge)]


def money():
    return [one.money for one in every(Payment)]


def mails(template):
    """Those of one kind, with plain spaces between a figure and its unit."""
    found = [one for one in every(OutgoingMail) if one.template == template]
    return [Mail(one.recipient, plain(one.subject), plain(one.text)) for one in found]


@dataclass
class Mail:
    recipient: str
    subject: str
    text: str


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")
