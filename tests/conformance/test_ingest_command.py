"""``newswire ingest`` in this process: what it says and with which code it ends."""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

import pytest

from newswire.cli import main
from schemas.topics import RAW
from tests.conformance.ledger import Ledger

pytestmark = pytest.mark.kafka


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def ingest(kafka, monkeypatch, capsys):
    """The command; standard input is not there."""
    monkeypatch.setenv("NEWSWIRE_KAFKA_BOOTSTRAP", kafka.bootstrap)
    # What it sets up for logs would outlive the test.
    monkeypatch.setattr("newswire.cli.ingest.configure_logs", lambda *_: None)
    monkeypatch.setattr("newswire.cli.ingest.quiet_kafka", lambda: None)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["newswire", "ingest", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


def native_ids(ledger: Ledger, source: str, topic: str = RAW.name) -> list[str]:
    return [item.native_id for item in ledger.read().raw(source, topic)]


def test_a_directory_with_something_broken(ingest, ledger, tmp_path):
    root = tmp_path / "mixed-news"
    root.mkdir()
    (root / "a.txt").write_text("A text.")
    (root / "b.jsonl").write_text('{"id": "b", "text": "t"}\nbroken\n')
    (root / "c.jpg").write_bytes(b"\xff\xd8")
    done = ingest(root)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2 items in news.raw (0.0 MB) in ")
    assert lines[1:] == ["1 dead letters (not_json 1): newswire dlq list", "1 files passed over (.jpg 1)"]
    assert done.stderr == "", "no progress bar without a terminal"
    assert sorted(native_ids(ledger, "files:mixed-news")) == ["a.txt", "b"]
    strict = ingest(root, "--strict", "--json")
    assert strict.returncode == 3
    report = json.loads(strict.stdout)
    assert (report["confirmed"], report["dead_letters"], report["reasons"]) == (2, 1, {"not_json": 1})
    assert (report["files"], report["passed_over"], report["error"]) == (2, {".jpg": 1}, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.txt"], "nowhere.txt: No such file or directory"),
        (["README.unknown"], "its name does not say what it is"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(ingest, tmp_path, arguments, words):
    (tmp_path / "README.unknown").write_text("x")
    done = ingest(*[tmp_path / name for name in arguments])
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_no_broker_is_said_in_one_line(ingest, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("t")
    monkeypatch.setenv("NEWSWIRE_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S", "0.5")
    done = ingest(tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("newswire: no Kafka broker answers at 127.0.0.1:1")
    assert done.stderr.count("\n") == 1


def test_it_goes_on_from_a_checkpoint(ingest, ledger, tmp_path):
    path, checkpoint = tmp_path / "log.jsonl", tmp_path / "checkpoint.json"
    path.write_text('{"id": "1", "text": "t"}\n')
    arguments = (path, "--checkpoint", checkpoint, "--source", "growing-log", "--json")
    assert json.loads(ingest(*arguments).stdout)["confirmed"] == 1
    with path.open("a") as file:
        file.write('{"id": "2", "text": "t"}\n')
    assert json.loads(ingest(*arguments).stdout)["confirmed"] == 1
    assert sorted(native_ids(ledger, "growing-log")) == ["1", "2"]
