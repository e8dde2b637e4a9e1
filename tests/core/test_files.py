"""Uploads: known by what they are, kept under names of ours, gone nowhere else."""

import pytest

from portal.core import files
from portal.core.states import Refused

PDF = b"%PDF-1.7\nwords"
NAMES = [
    "../secret", "..", ".probe", "/etc/passwd", "ab/../../x", "a\0b", "..\\x", "", "a b", "é/..",
    "%2e%2e", "ab/cd", "C:x", "\N{FULLWIDTH FULL STOP}\N{FULLWIDTH FULL STOP}/x",
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PDF, "application/pdf"), (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_first_bytes_and_comes_back_whole(app, body, kind):
    kept = files.keep(body)
    assert kept.content_type == kind
    assert kept.size == len(body)
    assert files.store().get(kept.key) == body
    assert files.keep(body).key != kept.key


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ\x90", b"PK\x03\x04",
        b"\n%PDF-1.7", b"GIF89a", b"#!/bin/sh", b"%PD",
    ],
)  # fmt: skip
def test_what_is_none_of_these_is_refused_in_words(app, body):
    with pytest.raises(Refused, match="PDF, PNG and JPEG"):
        files.keep(body)


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(app):
    before = sorted(files.store().root.rglob("*"))
    with pytest.raises(Refused, match="10 MB"):
        files.keep(PDF + b"x" * files.MOST)
    assert sorted(files.store().root.rglob("*")) == before


@pytest.mark.parametrize("key", NAMES)
def test_no_name_leads_out_of_the_store(app, tmp_path, key):
    store = files.DirectoryStore(tmp_path / "files")
    for act in (store.get, store.delete, lambda name: store.put(name, b"x")):
        with pytest.raises(files.UnknownFile):
            act(key)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_was_deleted_is_gone(app):
    kept = files.keep(PDF)
    files.store().delete(kept.key)
    files.store().delete(kept.key)
    with pytest.raises(files.UnknownFile):
        files.store().get(kept.key)


def test_a_store_that_cannot_be_written_says_so_and_recovers(tmp_path):
    store = files.DirectoryStore(tmp_path / "files")
    (tmp_path / "files").write_text("a file where the folder should be")
    assert "cannot be written" in store.check()
    (tmp_path / "files").unlink()
    assert store.check() is None
