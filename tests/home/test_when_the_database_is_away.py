"""No database: a page of the house that says so, and a health page that names the part."""

from dataclasses import replace

import pytest

from tests.portals import another_portal


@pytest.fixture
def away(settings, tmp_path):
    """A portal whose database lies in a folder that is not there."""
    url = f"sqlite:///{tmp_path}/gone/portal.db"
    with another_portal(replace(settings, search_engine="whoosh"), url, tmp_path / "data") as app:
        yield app.test_client()


@pytest.mark.parametrize("path", ["/", "/library/", "/events/", "/sign-in", "/legislation/1"])
def test_a_page_says_that_it_cannot_answer_now(away, path):
    answer = away.get(path)
    assert answer.status_code == 503
    assert "<h1>" in answer.text
    assert "portal.css" in answer.text
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text


def test_a_post_is_not_acknowledged(away):
    answer = away.post("/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code in {400, 503}


def test_health_names_the_database(away):
    answer = away.get("/health")
    assert answer.status_code == 503
    assert answer.json["status"] == "ill"
    assert answer.json["database"] != "ok"


def test_static_files_still_come(away):
    answer = away.get("/static/portal.css")
    assert answer.status_code == 200
    answer.close()
