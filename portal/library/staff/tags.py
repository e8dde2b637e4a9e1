"""Tags given to many practices at once, merged or taken away: looked at first."""

from flask import flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length, ValidationError

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.states import Refused
from portal.core.web import see_other
from portal.library import tags
from portal.library.staff import blueprint
from portal.library.taxonomy import facets

TOO_LONG = Length(max=400, message="Use 400 characters or fewer")


class TagsForm(PageForm):
    theme = SelectField("Of the theme")
    kind = SelectField("Of the kind")
    tag = SelectField("That bear the tag")
    more = StringField("Give them", validators=[TOO_LONG], description="Commas between tags.")
    fewer = StringField("Take from them", validators=[TOO_LONG], description="Commas between.")

    def __init__(self) -> None:
        super().__init__()
        for name in ("theme", "kind"):
            self[name].choices = {"": "Any", **facets()[name]}
        self.tag.choices = {"": "Any or none"} | {one: one for one, _ in tags.counted()}

    def validate_more(self, field: StringField) -> None:
        if not (field.data or "").strip() and not (self.fewer.data or "").strip():
            raise ValidationError("Say what to give or to take away")
        self._check(field)

    def validate_fewer(self, field: StringField) -> None:
        self._check(field)

    def _check(self, field: StringField) -> None:
        try:
            tags.read(field.data or "")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None

    def changes(self, *, is_sure: bool) -> list[tags.Change]:
        """What is found; when it is done at once, nobody changes it meanwhile."""
        query = tags.chosen(self.theme.data, self.kind.data)
        query = query.with_for_update() if is_sure else query
        more, fewer = tags.read(self.more.data or ""), tags.read(self.fewer.data or "")
        return tags.changes(query, self.tag.data, more, fewer)


@blueprint.route("/tags", methods=["GET", "POST"], endpoint="tags")
@requires(Permission.LIBRARY_WRITE)
def retag() -> str | Response:
    """The first sending shows what would change, the second one, from there, does it."""
    form, found = TagsForm(), None
    if form.validate_on_submit():
        found = form.changes(is_sure="sure" in request.form)
        if "sure" in request.form:
            done, left = tags.apply(found, current_user._get_current_object())
            db.session.commit()
            for one in left:
                flash(one, "needs")
            return see_other(url_for(".tags"), f"{done} practices have a new version.")
    return render_template(
        "library/staff_tags.html", form=form, found=found, counted=tags.counted()
    )
