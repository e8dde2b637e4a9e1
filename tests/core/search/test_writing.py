"""Changes are seen at once, a rebuild swaps in whole, and a killed one leaves the old index."""

import gc
import multiprocessing
import os
import signal
import threading
import time
import weakref

import pytest

from portal.core.search import Query, Unavailable
from tests.core.search.documents import PUBLIC, a_document, asked, keys, no_progress


def test_before_anything_is_written_nothing_is_found_and_that_is_said(engine):
    assert engine.search(asked("anything")).total == 0
    assert engine.suggest("anything", PUBLIC) == []
    assert engine.count() == 0
    assert "reindex" in engine.is_healthy()


def test_a_document_is_found_after_writing_changed_after_changing_gone_after_removing(engine):
    engine.write([a_document("one", "Before"), a_document("two", "Before")])
    assert engine.search(asked("before")).total == 2
    engine.write([a_document("one", "After", teaser_audience=frozenset({"x"}))])
    assert keys(engine.search(asked("before"))) == ["two"]
    assert keys(engine.search(asked("after"))) == ["one"]
    assert engine.count() == 2
    engine.write([], ["one", "never-there"])
    assert engine.search(asked("after")).total == 0
    assert engine.search(asked("after", frozenset({"x"}))).total == 0
    assert (engine.count(), engine.is_healthy()) == (1, None)


def test_of_one_key_twice_in_a_batch_the_last_stays(engine):
    engine.write([a_document("one", "First"), a_document("one", "Second")])
    assert [hit.title for hit in engine.search(asked("")).hits] == ["Second"]


def test_facets_and_counts_stay_exact_over_many_small_writes(engine):
    for n in range(25):
        engine.write([a_document(f"n{n}", "Page", facets={"theme": (f"t{n % 2}",)})])
        engine.write([a_document(f"n{n // 2}", "Page", facets={"theme": ("t2",)})])
    found = engine.search(asked("page"))
    assert found.total == engine.count() == 25
    assert sum(count for _, count in found.facets["theme"]) == 25
    assert dict(found.facets["theme"])["t2"] == 13


def test_everything_that_was_stored_comes_back(engine):
    engine.write([a_document("one", "Title", "Body", summary="Summary", stored={"minutes": 7})])
    [hit] = engine.search(asked("title")).hits
    assert (hit.key, hit.kind, hit.url, hit.title) == ("one", "practice", "/one", "Title")
    assert (hit.summary, hit.stored, hit.locked) == ("Summary", {"minutes": 7}, False)


def test_a_rebuild_replaces_everything_and_tells_how_far_it_is(engine):
    engine.write([a_document("old", "Old page")])
    told = []
    documents = [a_document(f"n{n}", "New page") for n in range(250)]
    engine.rebuild(documents, lambda done, of: told.append((done, of)))
    assert told == [(100, 250), (200, 250), (250, 250)]
    assert engine.count() == 250
    assert engine.search(asked("old")).total == 0


def test_a_rebuild_of_what_is_read_as_it_goes_and_of_nothing_works(engine):
    told = []
    engine.rebuild(iter([a_document("one")]), lambda done, of: told.append((done, of)))
    assert told == [(1, 1)]
    engine.rebuild([], no_progress)
    assert (engine.count(), engine.search(asked("page")).total) == (0, 0)
    assert engine.is_healthy() is None


def test_a_rebuild_forgets_each_document_once_it_is_written(engine):
    read, most = [], 0

    def documents():
        nonlocal most
        for n in range(200):
            most = max(most, sum(one() is not None for one in read))
            document = a_document(f"n{n}")
            read.append(weakref.ref(document))
            yield document

    engine.rebuild(documents(), no_progress)
    assert engine.count() == 200
    assert most < 5


def broken(document):
    yield document
    raise RuntimeError("the database went away")


def test_a_rebuild_that_fails_leaves_the_old_index_and_no_lock(engine, place):
    engine.write([a_document("old", "Old page")])
    before = place.indexes()
    with pytest.raises(RuntimeError, match="went away"):
        engine.rebuild(broken(a_document("new")), no_progress)
    assert keys(engine.search(asked("page"))) == ["old"]
    assert place.indexes() == before
    engine.write([a_document("next", "Next page")])
    assert engine.count() == 2


def test_a_write_that_fails_keeps_no_lock_and_changes_nothing(engine):
    engine.write([a_document("old", "Old page")])
    with pytest.raises(TypeError):
        engine.write([a_document("old", "Changed"), a_document("bad", body=7)])
    assert keys(engine.search(asked("old"))) == ["old"]
    engine.write([a_document("next", "Next page")])
    assert engine.count() == 2


def test_another_thread_and_another_process_see_a_change(engine, place):
    engine.write([a_document("one", "Page")])
    found = []

    def look():
        found.append(engine.search(asked("page")).total)
        engine.close()

    reader = threading.Thread(target=look)
    reader.start()
    reader.join()
    elsewhere = place.engine()
    elsewhere.rebuild([a_document("two", "Page"), a_document("three", "Page")], no_progress)
    elsewhere.close()
    assert found == [1]
    assert engine.search(asked("page")).total == 2


def rebuild_slowly(place, folder):
    def documents():
        for n in range(10_000):
            yield a_document(f"n{n}", "New page")
            if n == 50:
                (folder / "begun").touch()
                time.sleep(60)

    place.engine().rebuild(documents(), no_progress)


def test_a_rebuild_killed_half_way_leaves_the_old_index_in_use(engine, place, tmp_path):
    engine.write([a_document("old", "Old page")])
    process = multiprocessing.get_context("fork").Process(
        target=rebuild_slowly, args=[place, tmp_path]
    )
    process.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    assert keys(engine.search(asked("page"))) == ["old"]  # searches go on meanwhile
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()
    assert keys(engine.search(asked("page"))) == ["old"]
    engine.rebuild([a_document("new", "New page")], no_progress)
    engine.rebuild([a_document("new", "New page")], no_progress)
    assert keys(engine.search(asked("page"))) == ["new"]
    assert len(place.indexes()) == 2  # this one and the one before


def test_threads_search_rightly_while_another_writes_and_rebuilds(engine):
    engine.write(a_document(f"n{n}", "Standing page", "attrition") for n in range(40))
    wrong, stop = [], threading.Event()

    def search():
        while not stop.is_set():
            found = engine.search(Query('"standing page" attrition', PUBLIC, page_size=50))
            if not (40 == found.total == len(found.hits) == len(set(keys(found)))):
                wrong.append(found.total)
        engine.close()

    readers = [threading.Thread(target=search) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(12):
        engine.write([a_document(f"n{n}", "Standing page", "attrition"), a_document(f"other{n}")])
    engine.rebuild((a_document(f"n{n}", "Standing page", "attrition") for n in range(40)),
                   no_progress)  # fmt: skip
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whoosh, on a damaged file
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whoosh, on a damaged file
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_damaged_index_is_said_to_be_and_can_be_made_anew(engine, place):
    engine.write([a_document("one", "Page")])
    place.damage()
    fresh = place.engine()
    with pytest.raises(Unavailable, match="make it anew"):
        fresh.search(asked("page"))
    assert "make it anew" in fresh.is_healthy()
    fresh.rebuild([a_document("one", "Page")], no_progress)
    assert (fresh.is_healthy(), fresh.search(asked("page")).total) == (None, 1)
    fresh.close()
    gc.collect()  # the files that Whoosh left open, here and not in a later test


def test_an_index_of_another_format_is_not_read(engine, place):
    engine.write([a_document("one", "Page")])
    place.outdate()
    assert (engine.count(), engine.search(asked("page")).total) == (0, 0)
    assert "reindex" in engine.is_healthy()
