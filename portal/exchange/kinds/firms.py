"""Firms, each with the group that it belongs to."""

from collections.abc import Hashable, Sequence

from sqlalchemy import select

from portal.association.queries import association, today
from portal.core import clock
from portal.core.db import Model, db
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read
from portal.exchange.kinds.finding import Firms, external_ids_of, firm_problems
from portal.exchange.plans import Plan, Seen, Staged
from portal.members.models import CorporateGroup, GroupMembership, Organization
from portal.members.words import LANGUAGES
from portal.places.models import Place

FIELDS = (
    Field("id", cells.row_id, ("portal id", "firm id"), is_fixed=True),
    Field("external_id", cells.identifier, ("member number", "member no", "customer number",
          "external firm id", "firm external id", "old id"), is_fixed=True),
    Field("name", cells.text, ("firm", "company", "company name", "organization", "legal name",
          "firma", "bedrijf", "empresa")),
    Field("country", cells.country, ("country code", "registration country", "land", "pais")),
    Field("registration_no", cells.identifier, ("registration number", "register number",
          "company number", "reg no")),
    Field("tax_id", cells.identifier, ("vat number", "vat id", "tin", "tax number")),
    Field("address", cells.text, ("postal address", "billing address")),
    Field("street", cells.text, ("address line 1",)),
    Field("postal_code", cells.identifier, ("postcode", "zip", "zip code", "post code", "plz")),
    Field("city", cells.text, ("town", "ort", "stad")),
    Field("website", cells.text, ("web", "url", "site")),
    Field("billing_email", cells.email, ("email", "e mail", "invoice email", "e mail for invoices",
          "email for invoices")),
    Field("purchase_order", cells.identifier, ("po", "po number", "order")),
    Field("headcount", cells.whole, ("people", "employees", "staff", "size")),
    Field("language", cells.text, ("language of invoices", "lang")),
    Field("place", cells.text, ("place slug",)),
    Field("group", cells.text, ("corporate group", "parent", "owner"), is_fixed=True),
)  # fmt: skip
PLAIN = ("name", "country", "registration_no", "tax_id", "address", "website", "billing_email",
         "purchase_order", "headcount", "language")  # fmt: skip
PARTS = ("street", "postal_code", "city")


class FirmRows:
    """Some rows of firms beside what the register knows of them."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        for read in reads:
            _join_address(read)
        records = [one.record for one in reads]
        self.firms = Firms(prefix="")
        self.firms.load(records)
        self.external = external_ids_of("firm", self.firms.by_id)
        slugs = {one["place"] for one in records if "place" in one}
        of_firms = {one.place_id for one in self.firms.by_id.values()}
        wanted = Place.slug.in_(slugs) | Place.id.in_(of_firms - {None})
        places = db.session.scalars(select(Place).where(wanted)).all()
        self.places = {one.slug: one for one in places}
        self.slugs = {one.id: one.slug for one in places}
        names = {one.get("group") or one.get("name", "") for one in records}
        groups = db.session.scalars(select(CorporateGroup).where(CorporateGroup.name.in_(names)))
        self.groups = {one.name: one for one in groups}

    def stage(self, read: Read) -> Staged:
        record, answer = read.record, self.firms.find(read.record)
        firm = answer.firm
        label = record.get("name") or (firm.name if firm else f"line {read.line}")
        errors = []
        if record.get("language", "en") not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            errors.append(Problem("language", f"Invoices are written in one of these: {known}."))
        if record.get("place", "") not in {"", *self.places}:
            errors.append(Problem("place", f"There is no place “{record['place']}” here."))
        if firm is None and not answer.conflict:
            errors += [
                Problem(name, f"A new firm needs its {name}.")
                for name in ("name", "country") if read.lacks(name)
            ]  # fmt: skip
        names: list[Hashable] = [("firm", firm.id)] if firm else [
            (key, record.get("country"), record[key].lower())
            for key in ("external_id", "registration_no", "name") if key in record
        ]  # fmt: skip
        conflicts = firm_problems(answer)
        return Staged(label, self._current(firm), firm is None, firm, names, conflicts, errors,
                      frozenset({"id"}))  # fmt: skip

    def _current(self, firm: Organization | None) -> dict[str, object]:
        if firm is None:
            return {}
        values = {name: getattr(firm, name) for name in PLAIN}
        values["place"] = self.slugs.get(firm.place_id or 0)
        values["group"] = ""  # a group changes on a day, on the firm's own page
        external = self.external.get(firm.id)
        return values | ({"external_id": external} if external else {})

    def write(self, plan: Plan) -> list[Model]:
        values, firm, made = dict(plan.values), plan.staged.found, []
        group, external = values.pop("group", ""), values.pop("external_id", "")
        if firm is None:
            firm = Organization(is_demo=association().is_demo, created_at=clock.now())
            made = [firm, *self._grouped(firm, group or values["name"], shared=bool(group))]
        if "place" in values:
            firm.place_id = self.places[values.pop("place")].id
        for name, value in values.items():
            setattr(firm, name, value)
        db.session.add_all(made)
        plan.touched = [] if made else [firm]
        plan.external = ("firm", external, firm) if external else None
        return made

    def _grouped(self, firm: Organization, name: str, *, shared: bool) -> list[Model]:
        """The group that the row names, or one of the firm's own whose name is free."""
        group = self.groups.get(name) if shared else None
        made: list[Model] = []
        if group is None:
            n, free = 1, name
            while free in self.groups:
                n += 1
                free = f"{name} ({n})"
            group = self.groups[free] = CorporateGroup(name=free)
            made.append(group)
        return [*made, GroupMembership(organization=firm, group=group, from_on=today())]


def _join_address(read: Read) -> None:
    """Street, postal code and city are one address here."""
    parts = {name: read.record.pop(name) for name in PARTS if name in read.record}
    if parts and "address" not in read.record:
        town = " ".join(parts[name] for name in PARTS[1:] if name in parts)
        read.record["address"] = "\n".join(one for one in (parts.get("street"), town) if one)
