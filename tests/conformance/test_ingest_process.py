"""``newswire ingest`` as a process of its own: exit codes, summaries, signals, standard input."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess

import pytest

from schemas.raw_item import RawItem
from schemas.topics import RAW
from schemas.wire import decode
from tests.support.brokers import consume, environment_for, settings_for
from tests.support.processes import NEWSWIRE, environment
from tests.support.require import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


class Ingest:
    def __init__(self, broker, **settings) -> None:
        self.environ = environment(**environment_for(settings_for(broker, **settings)))

    def __call__(self, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess:
        return subprocess.run(
            [*NEWSWIRE, "ingest", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env=self.environ,
            cwd=ROOT,
            timeout=100,
            check=False,
        )

    def start(self, *arguments: object) -> subprocess.Popen:
        return subprocess.Popen(
            [*NEWSWIRE, "ingest", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=ROOT,
        )


@pytest.fixture
def ingest(kafka) -> Ingest:
    return Ingest(kafka)


def in_raw(broker, source: str, topic: str = RAW.name) -> list[str]:
    items = [decode(record.value, RawItem) for record in consume(broker, topic)]
    return [item.native_id for item in items if item.source_id == source]


def test_a_directory_with_something_broken(ingest, kafka, tmp_path):
    root = tmp_path / "mixed-news"
    root.mkdir()
    (root / "a.txt").write_text("A text.")
    (root / "b.jsonl").write_text('{"id": "b", "text": "t"}\nbroken\n')
    (root / "c.jpg").write_bytes(b"\xff\xd8")
    done = ingest(root)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("2 items in news.raw (0.0 MB) in ")
    assert lines[1:] == ["1 dead letters (not_json 1): newswire dlq list", "1 files passed over (.jpg 1)"]
    assert done.stderr == b"", "no progress bar without a terminal"
    assert sorted(in_raw(kafka, "files:mixed-news")) == ["a.txt", "b"]
    strict = ingest(root, "--strict", "--json")
    assert strict.returncode == 3
    report = json.loads(strict.stdout)
    assert (report["confirmed"], report["dead_letters"], report["reasons"]) == (2, 1, {"not_json": 1})
    assert (report["files"], report["passed_over"], report["error"]) == (2, {".jpg": 1}, None)


def test_lane_source_and_format(ingest, kafka):
    line = b'{"id": "x", "text": "t"}'
    assert ingest("-", "--lane", "backfill", "--source", "archive-of-tests", stdin=line).returncode == 0
    assert in_raw(kafka, "archive-of-tests") == []
    assert in_raw(kafka, "archive-of-tests", RAW.of("backfill")) == ["x"]
    assert ingest("-", "--format", "text", "--source", "text-of-tests", stdin=b"A text.").returncode == 0
    assert len(in_raw(kafka, "text-of-tests")) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.txt"], b"nowhere.txt: No such file or directory"),
        (["README.unknown"], b"its name does not say what it is"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(ingest, tmp_path, arguments, words):
    (tmp_path / "README.unknown").write_text("x")
    done = ingest(*[tmp_path / name for name in arguments])
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def test_no_broker_is_said_in_one_line(kafka, tmp_path):
    (tmp_path / "a.txt").write_text("t")
    done = Ingest(kafka, kafka_bootstrap="127.0.0.1:1")(tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"newswire: no Kafka broker answers at 127.0.0.1:1")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_once_what_was_read_is_confirmed(ingest, kafka, number):
    source = f"stopped-by-{number}"
    with ingest.start("-", "--source", source) as process:
        process.stdin.write(b'{"id": "whole", "text": "t"}\n{"id": "half a li')
        process.stdin.flush()
        eventually(lambda: in_raw(kafka, source) == ["whole"], "the first line arrived")
        process.send_signal(number)
        output, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode == 1
    assert output.startswith(b"1 items in news.raw"), "half a line is no item, and no dead letter"
    assert errors == b"newswire: stopped before the end\n"
    assert in_raw(kafka, source) == ["whole"]


def test_it_goes_on_from_a_checkpoint(ingest, kafka, tmp_path):
    path, checkpoint = tmp_path / "log.jsonl", tmp_path / "checkpoint.json"
    path.write_text('{"id": "1", "text": "t"}\n')
    arguments = (path, "--checkpoint", checkpoint, "--source", "growing-log", "--json")
    assert json.loads(ingest(*arguments).stdout)["confirmed"] == 1
    with path.open("a") as file:
        file.write('{"id": "2", "text": "t"}\n')
    assert json.loads(ingest(*arguments).stdout)["confirmed"] == 1
    assert sorted(in_raw(kafka, "growing-log")) == ["1", "2"]


def test_a_terminal_gets_a_progress_bar(ingest, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "t"}\n' * 2_000)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*NEWSWIRE, "ingest", str(tmp_path), "--source", "with-a-bar"],
        stdout=subprocess.PIPE,
        stderr=follower,
        env=ingest.environ | {"TERM": "xterm", "COLUMNS": "120"},
        cwd=ROOT,
    )
    os.close(follower)
    output = process.stdout.read()
    shown = b""
    while True:
        try:
            shown += os.read(leader, 65_536)
        except OSError:
            break
    os.close(leader)
    assert process.wait() == 0
    assert b"items confirmed" in shown
    assert output.startswith(b"2,000 items in news.raw")


def test_connectors_are_listed_and_described():
    def command(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*NEWSWIRE, "connectors", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
        )

    assert "files  Articles in files, directories or standard input." in command("list").stdout
    assert json.loads(command("list", "--json").stdout)[0]["name"] == "files"
    described = command("describe", "files").stdout
    assert described.startswith("### files\n")
    assert "| `paths` | list of text | required |" in described
    machine = json.loads(command("describe", "files", "--json").stdout)
    assert [one["name"] for one in machine["options"]] == ["paths", "format", "source", "lane"]
    wrong = command("describe", "flies")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "newswire: there is no connector flies; did you mean files?\n",
    )
