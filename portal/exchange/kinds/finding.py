"""Which firm, and which person, a row is about: by our number, theirs, the register, the name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.core.db import db
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Record
from portal.exchange.models import ExternalId
from portal.members.mail_domains import domain_of
from portal.members.models import FirmDomain, Organization
from portal.members.queries import proven_domains
from portal.members.words import country as country_words

FIRM_FIELDS = (
    Field("firm_id", cells.row_id, ("portal id", "organization id"), is_fixed=True),
    Field("firm_external_id", cells.identifier, ("firm number", "member number", "member no",
          "external firm id"), is_fixed=True),
    Field("firm_country", cells.country, ("country of the firm",), is_fixed=True),
    Field("firm_registration_no", cells.identifier, ("registration no", "registration number",
          "firm registration number", "register number"), is_fixed=True),
    Field("firm", cells.text, ("company", "organization", "organisation", "firm name",
          "company name"), is_fixed=True),
)  # fmt: skip


def external_ids(kind: str, values: Iterable[str]) -> dict[str, int]:
    """Our numbers for those of another system."""
    query = select(ExternalId.value, ExternalId.subject_id).where(
        ExternalId.kind == kind, ExternalId.value.in_(set(values))
    )
    return dict(db.session.execute(query).all())


def external_ids_of(kind: str, ids: Iterable[int]) -> dict[int, str]:
    query = select(ExternalId.subject_id, ExternalId.value).where(
        ExternalId.kind == kind, ExternalId.subject_id.in_(set(ids))
    )
    return dict(db.session.execute(query).all())


@dataclass
class Answer:
    """The firm, or the sentence and the field that say why there is none."""

    firm: Organization | None = None
    conflict: str = ""
    field: str = ""


@dataclass
class Firms:
    """The firms that some rows name, found in five statements."""

    prefix: str = "firm_"
    by_id: dict[int, Organization] = field(default_factory=dict)
    by_external: dict[str, int] = field(default_factory=dict)
    by_number: dict[str, list[Organization]] = field(default_factory=lambda: defaultdict(list))
    by_bare: dict[str, list[Organization]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[Organization]] = field(default_factory=lambda: defaultdict(list))
    by_domain: dict[str, Organization] = field(default_factory=dict)

    @property
    def name_field(self) -> str:
        return "firm" if self.prefix else "name"

    def _said(self, record: Record, what: str) -> Any:
        return record.get(self.name_field if what == "name" else f"{self.prefix}{what}")

    def load(self, records: Sequence[Record]) -> None:
        def all_said(what: str) -> set[Any]:
            return {self._said(one, what) for one in records} - {None}

        self.by_external = external_ids("firm", all_said("external_id"))
        ids = all_said("id") | set(self.by_external.values())
        numbers, names = all_said("registration_no"), {one.lower() for one in all_said("name")}
        bare = {one.lstrip("0") for one in numbers if one.isdecimal()}
        conditions = (
            Organization.id.in_(ids), Organization.registration_no.in_(numbers),
            func.ltrim(Organization.registration_no, "0").in_(bare),
            func.lower(Organization.name).in_(names),
        )  # fmt: skip
        for condition in conditions:
            for firm in db.session.scalars(select(Organization).where(condition)):
                self.by_id[firm.id] = firm
        for firm in self.by_id.values():
            self.keep(firm)
        domains = {domain_of(one.get("billing_email", "")) for one in records}
        proven = proven_domains().where(FirmDomain.domain.in_(domains))
        self.by_domain = {one.domain: one.organization for one in db.session.scalars(proven)}

    def keep(self, firm: Organization) -> None:
        if firm.registration_no:
            self.by_number[firm.registration_no].append(firm)
            self.by_bare[firm.registration_no.lstrip("0")].append(firm)
        self.by_name[firm.name.lower()].append(firm)

    def find(self, record: Record) -> Answer:
        """By the strongest key that is given; keys that name different firms are a conflict."""
        answers = [one for one in (self._by_id(record), self._by_external(record)) if one]
        answers += [one for one in (self._by_register(record),) if one]
        refused = next((one for one in answers if one.conflict), None)
        if refused:
            return refused
        firms = {one.firm.id: one for one in answers if one.firm}
        if len(firms) > 1:
            names = [one.firm.name for one in firms.values() if one.firm]
            said = f"This is {names[0]} by one column and {names[1]} by another."
            return Answer(None, said, list(firms.values())[1].field)
        if firms:
            return self._of_this_portal(record, next(iter(firms.values())))
        return self._by_name(record)

    def _of_this_portal(self, record: Record, answer: Answer) -> Answer:
        """A firm found by its number alone, of which nothing else is true, is another's."""
        number, name = self._said(record, "registration_no"), self._said(record, "name")
        firm = answer.firm
        if firm is None or not answer.field.endswith("id") or name is None or number is None:
            return answer
        if firm.registration_no in (number, None) or firm.name.lower() == name.lower():
            return answer
        return Answer(None, f"Number {firm.id} is {firm.name} here: is this file from another "
                      "portal? Leave its ids out.", answer.field)  # fmt: skip

    def _by_id(self, record: Record) -> Answer | None:
        said = self._said(record, "id")
        if said is None:
            return None
        name = f"{self.prefix}id"
        firm = self.by_id.get(said)
        return Answer(firm, "" if firm else f"There is no firm {said} here.", name)

    def _by_external(self, record: Record) -> Answer | None:
        said = self._said(record, "external_id")
        if said not in self.by_external:
            return None
        return Answer(self.by_id.get(self.by_external[said]), "", f"{self.prefix}external_id")

    def _by_register(self, record: Record) -> Answer | None:
        number, country = self._said(record, "registration_no"), self._said(record, "country")
        name = f"{self.prefix}registration_no"
        if number is None:
            return None
        found = self._in(country, self.by_number[number])
        if len(found) > 1:
            return Answer(None, f"Several countries have a firm {number}: say which.", name)
        if found:
            return Answer(found[0], "", name)
        zeros = self._in(country, self.by_bare[number.lstrip("0")]) if number.isdecimal() else []
        if zeros:
            there = zeros[0].registration_no
            return Answer(None, f"{zeros[0].name} is {there} in the register: leading zeros were "
                          "lost or added.", name)  # fmt: skip
        return None

    @staticmethod
    def _in(country: str | None, firms: list[Organization]) -> list[Organization]:
        found = {one.id: one for one in firms if country is None or one.country == country}
        return list(found.values())

    def _by_name(self, record: Record) -> Answer:
        """Names only point at a firm; two firms of one name are never guessed between."""
        name, country = self._said(record, "name"), self._said(record, "country")
        found = self._in(country, self.by_name[name.lower()]) if name else []
        if not self.prefix:
            return self._namesake(record, found)
        if len(found) == 1 and not self._said(record, "registration_no"):
            return Answer(found[0], "", self.name_field)
        if found:
            return Answer(None, f"{found[0].name} is here, with another registration number, or "
                          "more than once: name it by its number.", self.name_field)  # fmt: skip
        said = name or self._said(record, "registration_no") or self._said(record, "external_id")
        text = (
            f"There is no firm “{said}” here: import the firms first."
            if said
            else ("The row names no firm.")
        )
        return Answer(None, text, self.name_field)

    def _namesake(self, record: Record, found: list[Organization]) -> Answer:
        """A new firm like one that is there: the same name in one country wants a number."""
        number = record.get("registration_no")
        alike = [one for one in found if not number or not one.registration_no]
        owner = self.by_domain.get(domain_of(record.get("billing_email", "")))
        if owner and not number and not alike:
            said = f"This address is at the mail domain of {owner.name} (number {owner.id})"
            return Answer(None, f"{said}: give that number as its id if it is the same, else its "
                          "registration number.", "billing_email")  # fmt: skip
        if not alike:
            return Answer()
        where = country_words(alike[0].country)
        said = f"{alike[0].name} is here already ({where}, number {alike[0].id})"
        return Answer(None, f"{said}: give that number as its id if it is the same.", "name")


def people_by(records: Sequence[Record]) -> tuple[dict[str, Person], dict[int, Person]]:
    """The people that rows name, by address and by number."""
    theirs = external_ids("person", {one.get("external_id", "") for one in records})
    emails = {one["email"] for one in records if "email" in one}
    ids = {one["id"] for one in records if "id" in one} | set(theirs.values())
    found = {
        person.id: person
        for condition in (Person.email.in_(emails), Person.id.in_(ids))
        for person in db.session.scalars(select(Person).where(condition))
    }
    return {one.email: one for one in found.values()}, found


def firm_problems(answer: Answer) -> list[Problem]:
    return [Problem(answer.field, answer.conflict)] if answer.conflict else []
