from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors import files
from connectors.files import FilesConnector, FilesOptions, survey
from connectors.framework.connector import Reading
from connectors.framework.errors import ConfigError
from schemas.limits import MIB, PAGE_BODY_BYTES


def read(*paths: Path | str, checkpoint=None, **options) -> list[Reading]:
    connector = FilesConnector()
    connector.open(FilesOptions(paths=[str(path) for path in paths], **options), checkpoint or {})
    readings = list(connector.read())
    connector.close()
    return readings


def items(readings: list[Reading]) -> dict[str, str | bytes | None]:
    return {
        reading.item.native_id: reading.item.body.text
        if reading.item.body.data is None
        else reading.item.body.data
        for reading in readings
        if reading.item is not None
    }


def broken(readings: list[Reading]) -> dict[str, tuple[str, bytes]]:
    return {
        reading.broken.native_id: (reading.broken.error.reason, reading.broken.data)
        for reading in readings
        if reading.broken is not None
    }


@pytest.fixture
def tree(tmp_path) -> Path:
    root = tmp_path / "news"
    (root / "deep" / "er").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (root / "b.txt").write_text("text b")
    (root / "a.html").write_text("<p>html a")
    (root / "deep" / "c.txt.gz").write_bytes(gzip.compress(b"text c"))
    (root / "deep" / "er" / "d.ndjson").write_text(
        '{"id": "d1", "text": "one"}\n{"id": "d2", "text": "two"}\n'
    )
    (root / "deep.jsonl").write_text('{"id": "e", "text": "e"}')
    (root / ".hidden.txt").write_text("hidden")
    (root / ".hidden" / "x.txt").write_text("hidden")
    (root / "picture.jpg").write_bytes(b"\xff\xd8")
    (root / "README").write_text("read me")
    return root


def test_a_directory_is_read_recursively_in_the_order_of_names(tree):
    assert items(read(tree)) == {
        "a.html": "<p>html a",
        "b.txt": "text b",
        "deep/c.txt.gz": "text c",
        "d1": "one",
        "d2": "two",
        "e": "e",
    }
    assert list(items(read(tree))) == ["a.html", "b.txt", "deep/c.txt.gz", "d1", "d2", "e"]


def test_what_is_passed_over_is_counted(tree):
    found = survey(FilesOptions(paths=[str(tree)]))
    assert found.files == 5
    assert found.passed_over == {".jpg": 1, "README": 1}
    assert found.bytes == sum(
        one.stat().st_size
        for one in tree.rglob("*")
        if one.suffix in {".txt", ".html", ".gz", ".ndjson", ".jsonl"} and ".hidden" not in str(one)
    )


def test_a_format_that_is_said_is_for_all_files(tree):
    assert set(items(read(tree, format="text"))) == {
        "README",
        "a.html",
        "b.txt",
        "deep.jsonl",
        "deep/c.txt.gz",
        "deep/er/d.ndjson",
        "picture.jpg",
    }


def test_identity_of_a_file(tree):
    (reading,) = read(tree / "b.txt")
    item = reading.item
    assert (item.source_id, item.source_kind, item.native_id, item.url) == (
        "files:b.txt",
        "files",
        "b.txt",
        None,
    )
    assert item.body.media_type == "text/plain"
    assert (item.title, item.fetch, item.lane) == (None, None, "live")
    (reading,) = read(tree / "b.txt", source="mine", lane="backfill")
    assert (reading.item.source_id, reading.item.lane) == ("mine", "backfill")
    assert {one.item.source_id for one in read(tree) if one.item} == {"files:news"}


def test_the_same_file_read_twice_is_two_items_of_one_identity(tree):
    (first,), (second,) = read(tree / "b.txt"), read(tree / "b.txt")
    assert first.item.item_id != second.item.item_id
    assert first.item.link_key == second.item.link_key


def test_text_is_as_it_came(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf  First\r\n\r\nSecond \xc2\xa0\n\n")
    assert items(read(tmp_path)) == {"a.txt": "\ufeff  First\r\n\r\nSecond \xa0\n\n"}


def test_bytes_that_are_no_text_are_sent_as_they_are(tmp_path):
    (tmp_path / "latin.txt").write_bytes("naïve".encode("latin-1"))
    (tmp_path / "wide.html").write_bytes("<p>wide".encode("utf-16"))
    (tmp_path / "empty.txt").write_bytes(b"")
    assert items(read(tmp_path)) == {
        "empty.txt": "",
        "latin.txt": b"na\xefve",
        "wide.html": "<p>wide".encode("utf-16"),
    }


def test_a_file_over_the_limit_is_cut_and_flagged(tmp_path):
    (tmp_path / "long.txt").write_bytes(b"x" * (PAGE_BODY_BYTES + 5))
    (tmp_path / "long.txt.gz").write_bytes(gzip.compress(b"y" * (64 * MIB), 1))
    one, other = read(tmp_path)
    for reading in (one, other):
        assert len(reading.item.body.text) == PAGE_BODY_BYTES
        assert reading.item.body.truncated


def test_a_broken_line_is_named_and_the_rest_goes_on(tmp_path):
    lines = [
        b'{"id": "a", "text": "a"}',
        b"{broken",
        b'{"text": 5}',
        b'{"text": "\xff"}',
        b'{"id": "b", "text": "b"}',
    ]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines))
    readings = read(tmp_path / "x.jsonl")
    assert items(readings) == {"a": "a", "b": "b"}
    assert broken(readings) == {
        "x.jsonl#25": ("not_json", b"{broken"),
        "x.jsonl#33": ("wrong_schema", b'{"text": 5}'),
        "x.jsonl#45": ("not_utf8", b'{"text": "\xff"}'),
    }


def test_a_file_that_cannot_be_read_or_unpacked_is_named_and_the_rest_goes_on(tmp_path):
    packed = gzip.compress(b'{"id": "a", "text": "a"}\n' + os.urandom(50_000))
    (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b.txt.gz").write_bytes(b"not gzip")
    (tmp_path / "c.txt.gz").write_bytes(packed[:-20])
    (tmp_path / "d.jsonl.gz").write_bytes(packed[:-20])
    (tmp_path / "e.txt").write_text("fine")
    readings = read(tmp_path)
    found = broken(readings)
    assert found["a.txt"] == ("unreadable", b"")
    assert found["b.txt.gz"] == ("corrupt_gzip", b"not gzip")
    assert found["c.txt.gz"] == ("corrupt_gzip", packed[:-20])
    assert found["d.jsonl.gz"] == ("corrupt_gzip", b"")
    assert items(readings) == {"a": "a", "e.txt": "fine"}


def test_what_could_block_or_loop_is_passed_over_in_a_directory(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "pipe.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "to-a.txt").symlink_to(tmp_path / "a.txt")
    assert items(read(tmp_path)) == {"a.txt": "a", "to-a.txt": "a"}


def test_a_name_that_is_no_utf_8_is_written_with_escapes(tmp_path):
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt")).write_text("text")
    assert items(read(tmp_path)) == {"caf\\xe9.txt": "text"}


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere.txt", "No such file"), ("letter.doc", "does not say what it is")]
)
def test_a_path_that_cannot_work_is_refused_before_anything_is_read(tmp_path, name, words):
    (tmp_path / "letter.doc").write_text("x")
    (tmp_path / "a.txt").write_text("a")
    connector = FilesConnector()
    with pytest.raises(ConfigError, match=words):
        connector.open(FilesOptions(paths=[str(tmp_path / "a.txt"), str(tmp_path / name)]), {})
    connector.close()


def test_how_far_it_is_read_grows_to_the_whole(tree):
    done = [reading.done for reading in read(tree)]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert 0 < done[0] < 1


def test_every_cursor_is_where_reading_goes_on(tree):
    whole = read(tree)
    stream = f"files:{tree}"
    assert {reading.stream for reading in whole} == {stream}
    for number, reading in enumerate(whole):
        cursor = json.loads(json.dumps(reading.cursor))
        rest = read(tree, checkpoint={stream: cursor})
        assert list(items(rest)) == list(items(whole[number + 1 :]))


def test_a_packed_file_goes_on_in_its_middle(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"id": %d, "text": "t"}\n' % n for n in range(1_000))))
    whole = read(path)
    rest = read(path, checkpoint={f"files:{path}": whole[499].cursor})
    assert list(items(rest)) == [str(n) for n in range(500, 1_000)]


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz"])
def test_a_file_that_has_become_shorter_is_read_from_its_start(tmp_path, name):
    path = tmp_path / name
    pack = gzip.compress if name.endswith(".gz") else bytes
    path.write_bytes(pack(b'{"id": "new", "text": "t"}\n'))
    readings = read(path, checkpoint={f"files:{path}": {"path": name, "offset": 5_000}})
    assert list(items(readings)) == ["new"]


def test_a_file_that_has_grown_gives_what_is_new(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"id": 1}\n')
    cursor = read(path)[0].cursor
    with path.open("ab") as file:
        file.write(b'{"id": 2}\n')
    readings = read(path, checkpoint={f"files:{path}": cursor})
    assert [reading.item.native_id for reading in readings if reading.item] == ["2"]


def test_two_paths_of_one_name_have_checkpoints_of_their_own(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(folder)
    readings = read(tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt")
    assert len({reading.stream for reading in readings}) == 2
    rest = read(
        tmp_path / "a" / "x.txt",
        tmp_path / "b" / "x.txt",
        checkpoint={readings[0].stream: readings[0].cursor},
    )
    assert items(rest) == {"x.txt": "b"}


def test_closing_ends_reading_at_the_next_line(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b'{"id": "a", "text": "t"}\n' * 100)
    connector = FilesConnector()
    connector.open(FilesOptions(paths=[str(tmp_path)]), {})
    readings = connector.read()
    next(readings)
    connector.close()
    assert list(readings) == []
    connector.open(FilesOptions(paths=[str(tmp_path)]), {})
    assert len(list(connector.read())) == 100, "it can be opened again"


def from_stdin(data: bytes, *, format: str = "auto") -> list[dict]:
    script = (
        "import json, sys, threading\n"
        "from connectors.files import FilesConnector, FilesOptions\n"
        "connector = FilesConnector()\n"
        "connector.open(FilesOptions(paths=['-'], format=sys.argv[1]), {})\n"
        "for one in connector.read():\n"
        "    what = one.item or one.broken\n"
        "    body = one.item.body.text if one.item else one.broken.data.decode()\n"
        "    print(json.dumps([what.native_id, what.source_id, body, one.cursor, one.done]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, format], input=data, capture_output=True, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_standard_input_is_json_lines_unless_told_otherwise():
    assert from_stdin(b'{"id": "a", "text": "t"}\nbroken\n{"id": "b", "text": "u"}') == [
        ["a", "files:stdin", "t", None, None],
        ["stdin#25", "files:stdin", "broken", None, None],
        ["b", "files:stdin", "u", None, None],
    ]


def test_standard_input_can_be_one_text():
    ((native_id, source, body, *_),) = from_stdin(b"One text.\nOf two lines.", format="text")
    assert native_id.startswith("text:")
    assert (source, body) == ("files:stdin", "One text.\nOf two lines.")


def test_standard_input_on_which_nothing_arrives_can_be_closed_and_the_process_ends():
    script = (
        "import threading, time\n"
        "from connectors.files import FilesConnector, FilesOptions\n"
        "connector = FilesConnector()\n"
        "connector.open(FilesOptions(paths=['-']), {})\n"
        "got = []\n"
        "reader = threading.Thread(target=lambda: got.extend(connector.read()), daemon=True)\n"
        "reader.start()\n"
        "time.sleep(0.3)\n"
        "connector.close()\n"
        "reader.join(10)\n"
        "print(reader.is_alive(), len(got))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(b'{"half a line')
        process.stdin.flush()
        output, errors = process.stdout.read(), process.stderr.read()
    assert (output, errors, process.returncode) == (b"False 0\n", b"", 0)


def test_a_closed_standard_input_is_refused():
    script = (
        "import os\n"
        "from connectors.files import FilesConnector, FilesOptions\n"
        "os.close(0)\n"
        "FilesConnector().open(FilesOptions(paths=['-']), {})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=60)
    assert b"ConfigError: standard input is closed" in done.stderr


def test_a_named_pipe_can_be_read_when_its_format_is_said(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(["sh", "-c", f'printf \'{{"id": "a", "text": "t"}}\' > {tmp_path}/pipe'])
    assert items(read(tmp_path / "pipe", format="jsonl")) == {"a": "t"}
    assert writer.wait(10) == 0


def test_the_formats_by_name_are_those_of_the_description():
    for suffix in files.SUFFIXES:
        assert suffix in {".text", ".htm", ".xhtml"} or f"`{suffix}`" in FilesConnector.spec.description
