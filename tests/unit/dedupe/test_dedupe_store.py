"""The local files: opened again as they were made."""

from __future__ import annotations

from pathlib import Path

from streams.dedupe.store import Change, LocalStore


def said_of_files(directory: Path) -> dict[str, str]:
    """Return the options that RocksDB wrote down when it was opened last."""
    newest = max(directory.glob("OPTIONS-*"), key=lambda path: int(path.name.partition("-")[2]))
    lines = (line.strip().partition("=") for line in newest.read_text("utf-8").splitlines())
    return {name: value for name, _, value in lines}


def test_files_that_are_opened_again_keep_their_filters(tmp_path: Path):
    """Without them every look for what is not there reads from every file: ten times slower."""
    for number in range(3):
        store = LocalStore(tmp_path / "files")
        store.write([Change(b"k%d" % number, b"v")], b"meta")
        store.flush()
        options = said_of_files(tmp_path / "files")
        assert options["filter_policy"] == "bloomfilter", f"opened {number} times before"
        assert options["enable_blob_files"] == "true"
        store.close()


def test_what_is_written_takes_the_memory_that_is_told_until_it_is_written_out(tmp_path: Path):
    store = LocalStore(tmp_path / "files")
    empty = store.memory_bytes()
    assert set(empty) == {"write_buffer", "cache", "filters"}
    size = 4_000_000
    store.write([Change(b"k%06d" % number, bytes(2000)) for number in range(size // 2000)], b"meta")
    grown = store.memory_bytes()["write_buffer"] - empty["write_buffer"]
    assert size < grown < 1.5 * size
    store.flush()
    told = store.memory_bytes()
    assert told["write_buffer"] <= empty["write_buffer"]
    assert told["filters"] > empty["filters"]
    assert store.get(b"k000001") == bytes(2000)
    assert store.memory_bytes()["cache"] > told["cache"]
    store.close()


def test_what_was_written_is_there_when_they_are_opened_again(tmp_path: Path):
    store = LocalStore(tmp_path / "files")
    store.write([Change(b"a", b"1"), Change(b"b", b"2" * 5000)], b"first")
    store.write([Change(b"a", None)], b"second")
    store.close()
    store = LocalStore(tmp_path / "files")
    assert (store.get(b"a"), store.get(b"b"), store.meta()) == (None, b"2" * 5000, b"second")
    store.close()
