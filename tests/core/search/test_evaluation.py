"""Judging the ranking: measures by hand on four documents, and the whole way through a command."""

import json
from math import log2

import pytest

from portal.cli import main
from portal.core.search import evaluation
from portal.core.states import Refused
from portal.verbs import searching

FOUND = ["b", "x", "a", "c"]
GRADES = {"a": 2, "b": 1, "c": 0, "gone": 1}


def test_the_gain_of_a_good_answer_falls_with_its_place():
    gained = 1 / log2(2) + 2 / log2(4)
    best = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert evaluation.ndcg(FOUND, GRADES) == pytest.approx(gained / best)
    assert evaluation.ndcg(["a", "b", "gone"], GRADES) == 1
    assert evaluation.ndcg([], GRADES) == 0


def test_the_first_good_answer_and_the_share_of_all_good_ones_count():
    assert evaluation.reciprocal_rank(FOUND, GRADES) == 1
    assert evaluation.reciprocal_rank(["x", "c", "a"], GRADES) == pytest.approx(1 / 3)
    assert evaluation.reciprocal_rank([f"n{n}" for n in range(10)] + ["a"], GRADES) == 0
    assert evaluation.recall(FOUND, GRADES) == pytest.approx(2 / 3)


@pytest.fixture
def collection(tmp_path):
    """Of three queries one is answered first, one second, one was judged without a good answer."""
    files = {
        "docs.jsonl": [
            {"id": "d1", "title": "Night bus", "body": "A bus home for the night shift."},
            {"id": "d2", "title": "Pay", "body": "Pay for the night, and pay for the bus."},
            {"id": "d3", "title": "Bus", "body": "A bus, a bus and once more a bus."},
        ],
        "queries.jsonl": [
            {"id": "q1", "text": 'how do people get home by "night bus"?'},
            {"id": "q2", "text": "bus - title:pay"},
            {"id": "q3", "text": "home"},
        ],
    }
    for name, rows in files.items():
        text = "\n".join(json.dumps(row) for row in rows)
        (tmp_path / name).write_text(text + "\n", "utf-8")
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td3\t1\nq3\td1\t0\n"
    (tmp_path / "qrels.tsv").write_text(qrels, "utf-8")
    return ["--docs", str(tmp_path / "docs.jsonl"), "--queries",
            str(tmp_path / "queries.jsonl"), "--qrels", str(tmp_path / "qrels.tsv")]  # fmt: skip


def test_a_foreign_collection_is_measured(place, collection, capsys, monkeypatch, database_url):
    monkeypatch.setenv("DATABASE_URL", database_url)
    name = "postgres" if database_url.startswith("postgresql") else "whoosh"
    assert main(["search-eval", *collection, "--engine", name, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["engine"], report["documents"], report["queries"]) == (name, 3, 2)
    assert (report["ndcg_at_10"], report["mrr_at_10"], report["recall_at_100"]) == (1, 1, 1)
    assert report["queries_per_second"] > 0
    assert place.indexes() == []


def test_each_half_of_the_queries_is_measured_and_stays_as_it_is(collection, capsys):
    found = evaluation.parts({f"q{n}": "bus" for n in range(40)})
    fewer = evaluation.parts({"q1": "bus", "q2": "bus"})
    assert sum(len(half) for half in found.values()) == 40
    assert all(10 <= len(half) <= 30 for half in found.values())
    assert all(set(half) <= set(found[part]) for part, half in fewer.items())
    assert {"q1", "q2"} == {one for half in fewer.values() for one in half}
    assert main(["search-eval", *collection, "--split", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert sum(one["queries"] for one in report["parts"].values()) == report["queries"] == 2


def test_a_line_that_is_none_is_named(collection, tmp_path, capsys):
    (tmp_path / "queries.jsonl").write_text('{"id": "q1"}\n', "utf-8")
    assert main(["search-eval", *collection]) == 1
    assert "queries.jsonl, line 1: needs id, text" in capsys.readouterr().err
    (tmp_path / "qrels.tsv").write_text("q1\td1\t1\nnonsense\n", "utf-8")
    with pytest.raises(Refused, match="line 2"):
        evaluation.judgements(tmp_path / "qrels.tsv")


def test_in_postgresql_is_measured_only_where_there_is_one(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    with pytest.raises(Refused, match="DATABASE_URL"), searching._temporary("postgres"):
        pass
