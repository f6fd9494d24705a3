"""``newswire ingest`` as a process of its own: signals, standard input, a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess

import pytest

from schemas.topics import RAW
from tests.conformance.ledger import Ledger
from tests.support.brokers import environment_for, settings_for
from tests.support.forks import NEWSWIRE
from tests.support.processes import environment, run_newswire_bytes
from tests.support.require import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


class Ingest:
    def __init__(self, broker, **settings) -> None:
        self.environ = environment(**environment_for(settings_for(broker, **settings)))

    def __call__(self, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess:
        return run_newswire_bytes("ingest", *arguments, environ=self.environ, stdin=stdin, timeout_s=250)

    def start(self, *arguments: object) -> subprocess.Popen:
        return subprocess.Popen(
            [*NEWSWIRE, "ingest", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=ROOT,
        )


def native_ids(ledger: Ledger, source: str, topic: str = RAW.name) -> list[str]:
    return [item.native_id for item in ledger.read().raw(source, topic)]


@pytest.fixture
def ingest(kafka) -> Ingest:
    return Ingest(kafka)


def test_lane_source_and_format(ingest, ledger):
    line = b'{"id": "x", "text": "t"}'
    assert ingest("-", "--lane", "backfill", "--source", "archive-of-tests", stdin=line).returncode == 0
    assert native_ids(ledger, "archive-of-tests") == []
    assert native_ids(ledger, "archive-of-tests", RAW.of("backfill")) == ["x"]
    assert ingest("-", "--format", "text", "--source", "text-of-tests", stdin=b"A text.").returncode == 0
    assert len(native_ids(ledger, "text-of-tests")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_once_what_was_read_is_confirmed(ingest, ledger, number):
    source = f"stopped-by-{number}"
    with ingest.start("-", "--source", source) as process:
        process.stdin.write(b'{"id": "whole", "text": "t"}\n{"id": "half a li')
        process.stdin.flush()
        eventually(lambda: native_ids(ledger, source) == ["whole"], "the first line arrived")
        process.send_signal(number)
        output, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode == 1
    assert output.startswith(b"1 items in news.raw"), "half a line is no item, and no dead letter"
    assert errors == b"newswire: stopped before the end\n"
    assert native_ids(ledger, source) == ["whole"]


def test_a_terminal_gets_a_progress_bar(ingest, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "t"}\n' * 2_000)
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*NEWSWIRE, "ingest", str(tmp_path), "--source", "with-a-bar"],
        stdout=subprocess.PIPE,
        stderr=follower,
        env=ingest.environ | {"TERM": "xterm", "COLUMNS": "120"},
        cwd=ROOT,
    ) as process:
        os.close(follower)
        # The terminal first: a bar that nobody reads fills it, and then the process waits for its reader.
        shown = b""
        while True:
            try:
                shown += os.read(leader, 65_536)
            except OSError:
                break
        os.close(leader)
        output = process.stdout.read()
    assert process.returncode == 0
    assert b"items confirmed" in shown
    assert output.startswith(b"2,000 items in news.raw")
