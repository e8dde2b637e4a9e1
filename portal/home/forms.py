"""Forms for saved searches and synonyms."""

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.core.forms import PageForm
from portal.notices.kinds import PACES
from portal.notices.models import Often


class SaveForm(PageForm):
    address = HiddenField()
    name = StringField("Name", [DataRequired("Give it a name"), Length(max=80)],
                       filters=[lambda text: (text or "").strip()])  # fmt: skip
    often = RadioField("Tell me of new finds", choices=dict(PACES), default=Often.DAILY)


class SynonymsForm(PageForm):
    text = TextAreaField("Groups", render_kw={"rows": 24, "spellcheck": "false"})
    query = StringField("Try it with this search", filters=[lambda text: (text or "").strip()])
    note = StringField("Why", filters=[lambda text: (text or "").strip()])
