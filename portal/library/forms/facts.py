"""The facts of a practice beside its text: where it applies, what it rests on, what is near it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import Length, Optional, Regexp

from portal.core.db import db
from portal.core.filters import is_web
from portal.core.forms import PageForm
from portal.library.front_matter import LISTS
from portal.library.models import Practice
from portal.library.taxonomy import facets
from portal.places.models import Place

SHORT = Length(max=300, message="Use 300 characters or fewer")
YEAR = Regexp(r"\d{4}$", message="Enter a year, like 2026")
DAY = Regexp(r"\d{4}-\d{2}-\d{2}$", message="Enter a day, like 2026-09-03")
MOST_ROWS = 40
MEMBERS = {
    "": "Not said", "provider_front": "Provider, front office",
    "provider_back": "Provider, back office", "recruiter": "Recruiter",
    "technology": "Technology", "consultant": "Consultant", "training": "Training",
    "facilities_transport": "Facilities and transport",
    "client": "Client", "academic": "Academic", "public_body": "Public body",
}  # fmt: skip
LABELS = {
    "functions_front": "Front-office functions", "functions_back": "Back-office functions",
    "channels": "Channels", "delivery": "Where the work is done",
    "compliance": "Rules and standards", "other_stages": "Other stages",
    "other_themes": "Other themes",
}  # fmt: skip


def strip(text: str | None) -> str | None:
    return text.strip() if text else text


def line(label: str, *checks: Any) -> StringField:
    return StringField(label, filters=[strip], validators=[Optional(), SHORT, *checks])


class Row(Form):
    """One source, figure or author; a row with nothing in it is none."""

    needs = ""

    @property
    def facts(self) -> dict[str, Any]:
        return {name: one for name, one in self.data.items() if one}

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = super().validate(extra_validators)
        field = self[self.needs]
        if self.facts and not field.data:
            field.errors = [f"{field.label.text}: fill it in, or empty the row"]
            return False
        return is_right


class SourceRow(Row):
    needs = "title"
    title, url = line("Title"), line("Address")
    year, date, accessed = line("Year", YEAR), line("Day", DAY), line("Read on", DAY)
    licence = line("Licence")

    def validate_url(self, field: StringField) -> None:
        if not is_web(field.data):
            raise ValidationError("Enter an address that begins with https://")


class FigureRow(Row):
    needs = "value"
    value, unit, source, year = line("Figure"), line("Unit"), line("Source"), line("Year", YEAR)


class AuthorRow(Row):
    needs = "name"
    name, org = line("Name"), line("Firm")
    member_category = SelectField("Category", choices=MEMBERS)
    pseudonym = BooleanField("This is a pseudonym")


ROWS = {"sources": SourceRow, "figures": FigureRow, "authors": AuthorRow}


def _rows(kind: type[Row], one: str, many: str) -> FieldList:
    return FieldList(FormField(kind, one), many, max_entries=MOST_ROWS)


def _several(name: str) -> SelectMultipleField:
    return SelectMultipleField(LABELS[name], validators=[Optional()])


class FactsForm(PageForm):
    functions_front, functions_back = _several("functions_front"), _several("functions_back")
    channels, delivery = _several("channels"), _several("delivery")
    compliance = _several("compliance")
    other_stages, other_themes = _several("other_stages"), _several("other_themes")
    applies_in = StringField("Places", filters=[strip], validators=[Optional()])
    language = line(
        "Language",
        Regexp(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", message="Enter a code, like en or es-MX"),
    )
    translation_of = line("Translation of")
    owner = line("Editor in charge")
    related, prerequisites = line("Read next"), line("Read before")
    tags = line("Tags")
    checklist = BooleanField("Its task lists are a checklist that firms fill")
    sources = _rows(SourceRow, "Source", "Sources")
    figures = _rows(FigureRow, "Figure", "Figures")
    authors = _rows(AuthorRow, "Author", "Authors")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, facet in LISTS.items():
            self[name].choices = list(facets()[facet].items())

    def add_rows(self, more: str = "") -> None:
        """An empty row at the end of each list, and another where it was asked for."""
        for name in ROWS:
            entries = self[name].entries
            wants = (not entries or bool(entries[-1].form.facts)) + (more == name)
            for _ in range(min(wants, MOST_ROWS - len(entries))):
                self[name].append_entry()

    def validate_applies_in(self, field: StringField) -> None:
        unknown = [one for one in _words(field.data) if one not in _places(field.data)]
        if unknown:
            raise ValidationError(f"No place is called {unknown[0]}: write it as on its page")

    def _known_refs(self, field: StringField) -> None:
        refs = [one.upper() for one in _words(field.data)]
        known = set(db.session.scalars(select(Practice.ref).where(Practice.ref.in_(refs))))
        unknown = [one for one in refs if one not in known]
        if unknown:
            raise ValidationError(f"No practice has the number {unknown[0]}")

    validate_related = validate_prerequisites = validate_translation_of = _known_refs

    def facts(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """As front matter; rows that did not change keep what the form does not show of them."""
        found: dict[str, Any] = {name: self[name].data or None for name in LISTS}
        found["applies_in"] = list(_places(self.applies_in.data).values()) or None
        for name in ("related", "prerequisites"):
            found[name] = [one.upper() for one in _words(self[name].data)] or None
        found["tags"] = _words(self.tags.data) or None
        for name in ("language", "translation_of", "owner"):
            found[name] = self[name].data or None
        found["checklist"] = self.checklist.data or None
        return found | {name: self._row_facts(name, known.get(name)) for name in ROWS}

    def _row_facts(self, name: str, before: Any) -> list[dict[str, Any]] | None:
        old = [one for one in before or [] if isinstance(one, dict)]
        rows = [one.form.facts for one in self[name].entries if one.form.facts]
        shown = tuple(ROWS[name]()._fields)
        same = {_key(one, shown): one for one in old}
        return [same.get(_key(one, shown), one) for one in rows] or None


def as_fields(front: Mapping[str, Any]) -> dict[str, Any]:
    """Front matter as the first values of the form."""
    joined = ("applies_in", "related", "prerequisites", "tags")
    found: dict[str, Any] = {name: ", ".join(map(str, front.get(name) or [])) for name in joined}
    for name, kind in ROWS.items():
        shown = tuple(kind()._fields)
        rows = [one for one in front.get(name) or [] if isinstance(one, dict)]
        found[name] = [{key: _plain(one.get(key)) for key in shown} for one in rows]
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else "" if value is None else str(value)


def _key(row: Mapping[str, Any], shown: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row.get(one) or "") for one in shown)


def _words(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _places(text: str | None) -> dict[str, str]:
    """The slug of each place that is named, by its name or its slug."""
    words = _words(text)
    small = [one.lower() for one in words]
    query = select(Place.slug, func.lower(Place.name)).order_by(Place.path.desc())
    query = query.where(or_(Place.slug.in_(small), func.lower(Place.name).in_(small)))
    rows = db.session.execute(query).all() if words else []
    by_word = {name: slug for slug, name in rows} | {slug: slug for slug, _ in rows}
    return {one: by_word[one.lower()] for one in words if one.lower() in by_word}
