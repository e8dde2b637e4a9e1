"""One person of every kind, and one thing of a firm that is none of theirs for every address."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import frontmatter
from sqlalchemy import select

from portal.accounts import actions as accounts
from portal.accounts import tokens
from portal.accounts.models import DataBundle, SignIn, TokenKind
from portal.accounts.secrets import hashed
from portal.committees.models import Committee, CommitteeSeat
from portal.core.bounces import note_bounce
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues.models import AllowanceUse, Approval, PaymentMethod, StripeEvent
from portal.events.models import Audience
from portal.exchange.models import Import
from portal.home.models import SavedSearch
from portal.legislation.bills import number_key
from portal.legislation.models import Measure
from portal.legislation.stages import Stage
from portal.library import actions as library
from portal.library import attachments, reading, replies, reviewing, runs
from portal.library.models import (
    Comment,
    Naming,
    Practice,
    PracticeLink,
    PracticeStatus,
    ProposalKind,
)
from portal.library.proposals import Words, propose
from portal.library.remarks import ask
from portal.members import actions as members
from portal.members import queries
from portal.members.endings import Laying, lay
from portal.members.models import GroupDeclaration, Membership, OverlayKind, Term
from portal.notices import feeds
from portal.notices.actions import stop_token
from portal.notices.models import Follow, Often
from portal.renewals.models import Renewal, Resignation
from tests.browser import Browser
from tests.dues.books import book, make_invoice
from tests.dues.statements import imported, make_column_map, mt940
from tests.events.making import make_event, registered
from tests.joining.applying import make_application
from tests.library.benchmarks.surveys import make_survey
from tests.make import (
    NOW,
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
    make_place,
    save,
)
from tests.papers import pdf
from tests.tables import number_on

STAFF = ("membership", "finance", "editor", "keyholder", "events", "policy", "admin")
ROLES = (
    "visitor", "person", "contact", "member", "manager", "dues_contact", "signatory",
    "committee", "lapsed",
    *STAFF,
)  # fmt: skip
PRACTICE = Path(__file__).parents[1] / "content/library/selection/we-chose-on-price.md"
NEVER = 987_654  # no row has this number
NO_TOKEN = "n" * 43


def everybody(app):
    """A browser for each kind of person; the visitor's is signed in nowhere."""
    lapsed = make_firm(name="Lapsed Ltd")
    make_membership(lapsed, start=date(2020, 1, 1), end=date(2020, 12, 31))
    on_committee = make_member()
    save(CommitteeSeat(committee=make_committee("ethics"), person=on_committee,
                       from_on=date(2020, 1, 1)))  # fmt: skip
    people = {
        "visitor": None,
        "person": make_person(),
        "contact": make_contact(make_firm()),
        "member": make_member(),
        "manager": make_member("roster_manager"),
        "dues_contact": make_member("dues_contact"),
        "signatory": make_member("signatory"),
        "committee": on_committee,
        "lapsed": make_contact(lapsed, "roster_manager"),
        **{role: make_person(role) for role in STAFF},
    }
    return {role: Visitor(app, person) for role, person in people.items()}


class Visitor(Browser):
    """A browser whose cookie and form token are the same again for every request."""

    def __init__(self, app, person):
        super().__init__(app.test_client())
        self.app, self.person = app, person
        if person:
            self.sign_in(person)
        self.get("/about")  # every page has a form, and so a token
        self.cookie = self.client.get_cookie(app.config["SESSION_COOKIE_NAME"]).value

    def ask(self, method, url, /, *, token=True, **data):
        """The answer to one request, whatever earlier ones did to the cookie."""
        self.client = self.app.test_client()
        self.client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.cookie)
        if token and method == "POST":
            data["csrf_token"] = self.token
        answer = self.send(method, url, data=data if method == "POST" else None)
        answer.get_data()
        answer.close()  # a static file is open until then
        return answer


def make_committee(slug):
    return save(Committee(slug=slug, name=slug.title(), remit="To think."))


def make_practice(slug, visibility="members", **facts):
    """A published practice, with the front matter of one of our own files."""
    page = frontmatter.load(str(PRACTICE))
    front = page.metadata | {"visibility": visibility, "teaser": False, "related": []} | facts
    front = {
        name: str(value) if isinstance(value, date) else value for name, value in front.items()
    }
    made = library.start(slug, front, page.content, make_person())
    made.status, made.published_on = PracticeStatus.PUBLISHED, date(2026, 1, 5)
    made.updated_on = made.published_on
    made.front = {**made.front, "status": "published"}
    return save(made)


def make_found(document):
    """A published practice behind what a test lays into the index: the search asks for both."""
    if db.session.get(Practice, number := int(document.key.partition(":")[2])):
        return
    front = {"summary": "A summary of forty characters, and more.", "title": document.title}
    front |= {"kind": "guide", "service": "both", "stage": "operations", "theme": "quality"}
    [audience] = document.audience
    front |= {"visibility": audience, "teaser": bool(document.teaser_audience)}
    made = Practice(
        id=number, ref=f"F{number}", slug=f"found-{number}", front={}, body="", words=0
    )
    library.fill(made, front, "")
    made.status, made.published_on = PracticeStatus.PUBLISHED, document.date
    save(made)
    if db.engine.dialect.name == "postgresql":
        number_on(db.session.connection(), ["practices"])
        db.session.commit()


def make_review(editor):
    """A practice with its counterparty, whom a mailed link serves; and a comment on it."""
    made = make_practice("of-a-counterparty", reply={"party": "Oriole Support"})
    made.status = PracticeStatus.RIGHT_OF_REPLY
    replies.invite(made, "desk@oriole.example", editor).secret_hash = hashed("r" * 43)
    reviewing.say(made, "Is that so?", editor)
    db.session.flush()
    return db.session.scalar(select(Comment.id).filter_by(practice_id=made.id))


def make_file(practice):
    """A file beside a practice, and both their numbers."""
    one = attachments.attach(practice, pdf("Words"), "words.pdf", "Words")
    return {"practice_id": practice.id, "attachment_id": one.id}


def make_measure(**facts):
    defaults = {
        "ref": "B900", "place": make_place(slug="ruritania", name="Ruritania"), "topic": "labor",
        "kind": "bill", "number": "HB 1", "title": "Call centre act", "year": 2026,
        "session": "2026", "number_key": number_key(facts.get("number", "HB 1")),
        "status_words": "In committee", "stage": Stage.COMMITTEE, "stage_rule": "said so",
        "next_what": "", "why_it_matters": "It does.", "certainty": "A",
        "source": "https://example.org/hb1", "as_of": date(2026, 11, 1), "search_text": "hb 1",
    }  # fmt: skip
    return save(Measure(**defaults | facts))


def a_checklist(firm, person):
    """Begun, with nothing answered."""
    run = runs.start(make_practice("checklist-of-another"), firm, "Ours", person)
    return {"run_id": run.id, "key": runs.items_of(run)[0].key}


def a_reading_list(person):
    """With one practice on it, and a link for members."""
    one = reading.start(person, "To read", "", None)
    reading.add(one, make_practice("on-a-list"))
    reading.share(one)
    return {"list_id": one.id, "entry_id": one.entries[0].id}


def a_life(firm, invoice):
    """A renewal that is not paid, a resignation, something laid over the membership."""
    membership = firm.memberships[0]
    day = membership.terms[0].end_on
    save(
        Renewal(term=membership.terms[0], opened_at=NOW, starts_on=day, ends_on=day,
                invoice=invoice),
        Resignation(membership=membership, told_on=day, leaves_on=day, reason="x", made_at=NOW),
    )  # fmt: skip
    return lay("membership", membership.id, Laying(OverlayKind.EXCUSE, "x", day))


def a_declaration_of_group(firm, person):
    """It says otherwise than the association, and nobody has looked at it."""
    group = queries.group_of(firm.id)
    return save(GroupDeclaration(
        organization_id=firm.id, group=group, declared_at=NOW, person=person,
        owner="Somebody else", sisters="", is_same=False,
    ))  # fmt: skip


def make_money_left(firm, invoice):
    """A card payment that pays a little of the invoice, and a refund of a little that is left."""
    arrived = dues.Arrival(
        Money(5000, "EUR"), date(2026, 1, 5), firm.id, PaymentMethod.CARD, external_id="pi_other"
    )
    payment = dues.receive(arrived, [(invoice, 100)])
    return payment, dues.request_refund(payment, Money(100, "EUR"), dues.Sending("Too much"))


def a_proposal_for_two(payment, person):
    """A refund above the limit, which nobody approved yet."""
    return save(Approval(
        kind="refund", status="proposed", payment_id=payment.id, currency="EUR", amount_minor=100,
        reason="Too much", facts={"method": "bank"}, proposed_by_id=person.id, proposed_at=NOW,
    )).id  # fmt: skip


def things():
    """Something real for each name in an address; what has an owner belongs to another firm."""
    firm = make_firm(name="Other Firm")
    make_membership(firm)
    owner = make_contact(firm, "roster_manager", "dues_contact")
    invoice, event = make_invoice(firm), make_event(audience=Audience.MEMBERS)
    application = make_application(upto="under_review")
    note = dues.credit(invoice, "A favour", lines={invoice.lines[0].id: 100})
    payment, refund = make_money_left(firm, invoice)
    editor = make_person("editor")
    accounts.start_session(owner, stays=False, address="127.0.0.1", browser="test")
    save(Job(key="x", handler="x", arguments={}, due_at=NOW, error="It broke."))
    seat = CommitteeSeat(committee=make_committee("wages"), person=owner, from_on=date(2020, 1, 1))
    save(seat)
    said = a_declaration_of_group(firm, owner)
    twin = make_contact(firm, display_name=owner.display_name)
    bundle = save(DataBundle(person_id=owner.id, asked_at=NOW))
    message = save(StripeEvent(event_id="evt_x", kind="x", object_id="cs_x", heard_at=NOW))
    held = queries.affiliation_of(owner)
    members.invite_colleague(firm, "nia@other.example", "Nia", ["staff"], owner)
    domain = members.add_domain(firm, "other-firm.example", "postmaster", is_open=False)
    domain.secret_hash = hashed("d" * 43)
    asked = members.ask_to_join(make_person(), firm, "code")
    told = dues.Told("headcount", Decimal(60), (date(2025, 1, 1), date(2025, 12, 31)), "All of it")
    declared = dues.declare(firm, told, owner.id, currency="EUR")
    draft = dues.draft(book(), "Dues pay for the work.", editor.id)
    ordered = members.order_seats(firm.memberships[0].terms[0], 1, "S-1")
    line = imported(mt940(("5.00", "Other Firm", "Thanks")))[0]
    dues.set_aside(line, "Nothing of ours")
    db.session.flush()
    found = {
        "use_id": a_use(firm).id,
        "approval_id": a_proposal_for_two(payment, editor),
        "line_id": line.id, "file_id": line.file_id, "map_id": make_column_map().id,
        "invitation_id": queries.invited_to(firm.id)[0].id, "domain_id": domain.id,
        "request_id": asked.id,
        "state": "draft", "number": draft.id, "draft_id": draft.id, "kind": "flat", "place": 0,
        "declaration_id": declared.id, "membership_class": "consultant",
        "overlay_id": a_life(firm, invoice).id,
        "order_id": ordered.id,
        "note_id": note.id, "payment_id": payment.id, "refund_id": refund.id,
        "invoice_id": invoice.id, "event_id": event.id, "organization_id": firm.id,
        "application_id": application.id, "measure_id": make_measure().id,
        **make_file(make_practice("secret-of-members")), "seat_id": seat.id,
        "message_id": message.id, "comment_id": make_review(editor),
        "committee_id": seat.committee_id, "grant_id": editor.grants[0].id,
        "affiliation_id": held.id,
        "session_id": db.session.scalar(select(SignIn.id).filter_by(person_id=owner.id)),
        "job_id": db.session.scalar(select(Job.id).filter_by(key="x")),
        "group_id": said.group_id, "said_id": said.id, "bundle_id": bundle.id,
        "other_id": make_firm(name="Other Firm Ltd", group=said.group).id,
        "person_id": owner.id, "other_person_id": twin.id,
        "import_id": save(Import(kind="firms", filename="x.csv", sha256="", columns=[], total=0,
                                 status="checked", made_at=NOW)).id,
        "proposal_id": propose(
            Words(ProposalKind.CASE, "We grew too fast", "What happened. " * 9, "", "That. " * 20,
                  "negative", Naming.ANONYMISED), owner,
        ).id,
        "address_id": note_bounce("gone@test.example", "550 no such user").id,
        "remark_id": save(ask("Who paid?", owner)).id,
        "link_id": save(PracticeLink(
            practice=db.session.scalars(select(Practice)).first(), url="https://gone.example/",
        )).id,
        **a_checklist(firm, owner), **a_reading_list(owner),
        "survey_id": make_survey().id,
        "theme": "quality",
        "follow_id": save(Follow(person_id=owner.id, kind="theme:quality", subject_id=0,
                                 since_at=NOW)).id,
        "saved_id": save(SavedSearch(
            person=owner, name="Buses", address="/library/?q=bus", often=Often.DAILY, seen={},
            made_at=NOW, looked_at=NOW,
        )).id,
        "sheet": "csv", "report": "retention", "page": "firm", "version": 1,
        "filename": "portal.css", "slug": {
            "committees": "wages", "library": "secret-of-members", "places": "ruritania",
        },
        "token": {
            "invitation": tokens.make(TokenKind.INVITE, owner.email, owner),
            "reset": tokens.make(TokenKind.RESET, owner.email, owner),
            "verify": tokens.make(TokenKind.VERIFY, owner.email, owner),
            "change-email": tokens.make(TokenKind.CHANGE_EMAIL, "new@test.example", owner),
            "stop-mail": stop_token(owner.id, "bill_alerts"),
            "reading-lists": reading.of_person(owner)[0].share_token,
            "feeds": feeds.token_of(feeds.renew(owner.id)),
            "pay": dues.pay_link(invoice).token, "join": application.token,
            "events": registered(event, "bea@test.example").token, "firm-domain": "d" * 43,
            "library": "r" * 43,
        },
    }  # fmt: skip
    db.session.commit()
    return found


def a_use(firm):
    """Of an allowance of the firm's membership."""
    term = db.session.scalars(
        select(Term).join(Term.membership).where(Membership.organization_id == firm.id)
    ).first()
    return save(AllowanceUse(term=term, of="event_passes", amount=1, used_on=term.start_on,
                             what_for="Forum", made_at=NOW))  # fmt: skip


def address(rule, found):
    """The rule's address with these things in it."""
    room = rule.rule.split("/")[1]
    facts = {name: found[name] for name in rule.arguments}
    facts = {name: one[room] if isinstance(one, dict) else one for name, one in facts.items()}
    return rule.build(facts)[1]


def never(found):
    """The same names with numbers and words that nothing ever had."""
    return {
        name: dict.fromkeys(one, NO_TOKEN) if isinstance(one, dict)
        else NEVER if isinstance(one, int) else one
        for name, one in found.items()
    }  # fmt: skip
