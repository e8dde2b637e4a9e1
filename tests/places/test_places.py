"""Jurisdictions: where each lies, how it is found, and what its page knows."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.core.db import db
from portal.places import actions, queries
from portal.places.models import Level, Place, PlaceCode

PLACES = Path(__file__).parents[2] / "content" / "places.csv"


@pytest.fixture
def world():
    actions.load_places(PLACES)
    db.session.commit()


def place(slug):
    return queries.place_by_slug(slug)


def test_loading_twice_is_loading_once(world):
    def counts():
        return [db.session.scalar(select(func.count(one.id))) for one in (Place, PlaceCode)]

    before = counts()
    assert actions.load_places(PLACES) == before[0] > 250
    assert counts() == before


def test_a_place_that_is_called_otherwise_is_so_at_once_where_names_are_kept(world, tmp_path):
    assert queries.names().every["ph-ceb"] == queries.names().every["ph-ceb"] == "Cebu"
    rows = PLACES.read_text(encoding="utf-8").replace(",Cebu,", ",Sugbo,")
    (tmp_path / "places.csv").write_text(rows, encoding="utf-8")
    actions.load_places(tmp_path / "places.csv")
    db.session.commit()
    assert queries.names().every["ph-ceb"] == "Sugbo"
    assert "ph-ceb" not in queries.names().nations
    assert queries.names().nations["ph"] == "Philippines"


def test_every_place_lies_inside_its_parent_and_has_a_zone(world):
    for one in db.session.scalars(select(Place)):
        assert one.path.endswith(f"/{one.slug}/")
        assert one.parent is None or one.path == f"{one.parent.path}{one.slug}/"
        assert one.parent or one.level in {Level.NATIONAL, Level.SUPRANATIONAL}, one.slug
        assert one.timezone or one.level is Level.SUPRANATIONAL, one.slug


@pytest.mark.parametrize(
    ("nation", "parts"),
    [
        ("ph", 100),
        ("in", 36),
        ("za", 9),
        ("co", 33),
        ("jm", 14),
        ("us", 56),
        ("ca", 13),
        ("uk", 4),
    ],
)
def test_all_parts_of_the_nations_we_work_in_are_there(world, nation, parts):
    query = select(func.count()).where(
        Place.level == Level.STATE_PROVINCIAL, queries.is_inside(place(nation))
    )
    assert db.session.scalar(query) == parts


def test_a_province_of_the_philippines_lies_in_its_region(world):
    provinces = db.session.scalars(
        select(Place).where(Place.path.like("/ph/ph-%/ph-___/"), Place.iso_3166_2.is_not(None))
    ).all()
    assert len(provinces) == 82
    assert {one.parent.parent.slug for one in provinces} == {"ph"}
    assert [one.slug for one in queries.above(place("ph-ceb"))] == ["ph", "ph-07", "ph-ceb"]
    assert "ph-com" in {one.slug for one in db.session.scalars(queries.named("compostela"))}


def test_what_lies_inside_a_place_is_found_by_its_path(world):
    inside = set(db.session.scalars(select(Place.slug).where(queries.is_inside(place("us")))))
    assert {"us", "us-nj"} <= inside
    assert not {"ca", "uk"} & inside
    assert [one.slug for one in queries.above(place("us-nj"))] == ["us", "us-nj"]


def test_a_name_is_found_without_its_accents_and_by_its_other_names(world):
    assert "co-bogota" in {one.slug for one in db.session.scalars(queries.named("bogota"))}
    assert "co-bogota" in {one.slug for one in db.session.scalars(queries.named("BOGOTÁ"))}
    assert not db.session.scalars(queries.named("100%_")).all()


def test_a_code_of_somebody_else_finds_the_place(world):
    code = db.session.scalars(select(PlaceCode).where(PlaceCode.value.contains("state:nj"))).one()
    assert queries.place_by_code(code.value).slug == "us-nj"


def test_the_page_tells_where_it_lies_and_what_is_in_it(world, browser):
    page = browser.get("/places/us-nj")
    assert "United States" in page
    assert "State, province or region" in page
    page = browser.get("/places/us")
    assert "New Jersey" in page


@pytest.mark.parametrize("slug", ["nowhere", "us%00", "../us", "US-NJ-x", "x" * 300])
def test_a_place_that_is_not_there_is_404(world, browser, slug):
    assert browser.send("GET", f"/places/{slug}").status_code == 404


def test_a_file_with_a_level_that_is_none_is_refused_whole(world, tmp_path):
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[5]["level"], rows[0]["name"] = "galactic", "Renamed"
    path = tmp_path / "places.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ValueError, match="galactic"):
        actions.load_places(path)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Place.name == "Renamed")) == 0
