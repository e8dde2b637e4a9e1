"""What the search knows of a practice: its authors, the places around its own, and who paid."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.search import Query, index
from portal.library import actions
from portal.library.documents import documents
from portal.library.models import Practice, PracticeStatus
from tests.library.test_rough_facts import FEW
from tests.make import make_person, make_place

PUBLIC = frozenset({"public"})
ADA = {"name": "Adélie Reyes-Ong", "org": "Harbour Voice", "member_category": "client"}


def publish(slug, **more):
    made = actions.start(slug, FEW | more, "Words about rosters.", make_person())
    made.status = PracticeStatus.PUBLISHED
    made.published_on = made.updated_on = made.revisions[0].made_at.date()
    db.session.commit()
    index.engine().rebuild(documents(), lambda *_: None)
    return made


def found(text, **filters):
    return [hit.url for hit in index.engine().search(Query(text, PUBLIC, filters)).hits]


@pytest.mark.parametrize(
    "asked", ["author:reyes", 'author:"adelie reyes ong"', "author:Adélie", "author:harbour",
              'author:"Harbour Voice" rosters'],
)  # fmt: skip
def test_a_practice_is_found_by_any_name_of_its_author(app, asked):
    publish("with-author", authors=[ADA])
    publish("of-another", authors=[ADA | {"name": "Bo Lim", "org": "Quay"}])
    assert found(asked) == ["/library/with-author"]
    assert "/library/with-author" not in found(f"rosters -{asked.split(' rosters')[0]}")


def test_authors_are_no_facet_and_those_of_chatham_house_are_not_known(app):
    publish("with-author", authors=[ADA])
    hidden = publish("no-names", authors=[ADA | {"name": "Quill"}], frankness="chatham_house")
    results = index.engine().search(Query("rosters", PUBLIC))
    assert "author" not in results.facets
    assert results.total == 2
    assert "author:quill" not in found("author:quill")
    assert next(iter(documents(hidden.id))).facets["author"] == ()


def test_a_practice_for_a_city_is_one_for_its_province_and_nation_and_for_its_other_themes(app):
    nation = make_place(slug="ph", name="Philippines")
    make_place(slug="ph-ceb", name="Cebu", parent=nation)
    publish("night-bus", applies_in=["ph-ceb"], other_themes=["transport"])
    for chosen in ({"place": ("ph",)}, {"place": ("ph-ceb",)}, {"theme": ("transport",)}):
        assert found("", **chosen) == ["/library/night-bus"]
    counted = index.engine().search(Query("", PUBLIC)).facets
    assert dict(counted["place"]) == {"ph": 1, "ph-ceb": 1}
    assert dict(counted["theme"]) == {"quality": 1, "transport": 1}


def test_a_showcase_is_called_paid_and_comes_after_all_else(browser):
    publish("a-guide")
    publish("shown", kind="showcase", title="Few facts about rosters and rosters")
    said = browser.get("/library/?q=rosters")
    assert said.index("/library/a-guide") < said.index("/library/shown")
    assert said.count("Paid promotion") == 1
    assert "Paid promotion" in browser.get("/library/shown")
    assert "Paid promotion" in browser.get("/library/shown/versions/1")
    assert "Paid promotion" not in browser.get("/library/a-guide")
    assert db.session.scalar(select(Practice.kind).filter_by(slug="shown")) == "showcase"
