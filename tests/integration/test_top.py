"""newswire top beside a running pipeline, without one, and while Kafka stands still."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.sharing.definitions import define
from newswire.broker import DevBroker
from newswire.settings import Settings
from newswire.sources.editing import editing
from schemas import topics
from schemas.wire import WireRecord
from tests.support.brokers import environment_for, produce, settings_for
from tests.support.forks import NEWSWIRE
from tests.support.pipeline import Pipeline, items
from tests.support.processes import Workers, environment, run_newswire
from tests.support.require import ROOT
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TEXT = (
    "The harbour authority of Port Ellery said on Tuesday that {count} ships were waiting outside the port after "
    "a fire destroyed the northern pier. Mayor Ines Okafor told reporters that nobody had been hurt. Pier {count} "
    "is closed."
)


@pytest.fixture
def settings(fresh_kafka: DevBroker, tmp_path: Path) -> Settings:
    return settings_for(
        fresh_kafka, data_dir=tmp_path / "run", enrich_model="fake", kafka_request_timeout_s=15
    )


def top(settings: Settings, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = run_newswire("top", *arguments, environ=environment(**environment_for(settings)))
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def look(settings: Settings, *arguments: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(
        top(settings, "--once", "--json", "--window", "3600", *arguments).stdout
    )
    return seen


@contextmanager
def on_a_terminal(
    settings: Settings, *arguments: str
) -> Iterator[tuple[Callable[[], str], subprocess.Popen[bytes]]]:
    """Run it on a terminal; give what tells all that it has written there, and the process."""
    ours, theirs = pty.openpty()
    written = bytearray()
    command = subprocess.Popen(
        [*NEWSWIRE, "top", *arguments],
        env=environment(**environment_for(settings), TERM="xterm", COLUMNS="100", LINES="50"),
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)

    def drain() -> None:
        while True:
            try:
                written.extend(os.read(ours, 65536))
            except OSError:  # its end
                return

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    try:
        yield lambda: written.decode("utf-8", "replace"), command
    finally:
        if command.poll() is None:
            command.kill()
        command.wait()
        reader.join(10)
        os.close(ours)


def head(written: str) -> str:
    """Return what stands above the stages of the last picture."""
    return written.rpartition("STAGES")[0][-600:]


def test_it_tells_what_a_pipeline_does_and_that_none_runs(
    fresh_kafka: DevBroker, workers: Workers, settings: Settings
) -> None:
    idle = top(settings, "--once", code=1)
    assert idle.stdout == (
        f"nothing runs: no stage has a worker on Kafka at {settings.kafka_bootstrap} (newswire up)\n"
    )
    pipeline = Pipeline(fresh_kafka, workers, settings)
    first, *more = items(
        {
            "id": f"{n}",
            "url": f"https://news.example.org/{n}",
            "title": f"Fire {n}",
            "text": TEXT.format(count=n * 7),
        }
        for n in range(5)
    )
    pipeline.send([first])
    waits = top(settings, "--once", code=1).stdout
    assert waits.endswith("(newswire up); 1 records wait\n")

    pipeline.start()
    produce(fresh_kafka, [WireRecord(topic=topics.RAW.name, key=b"k", value=b"{no json")])
    outcomes = pipeline.finish([first, *pipeline.send(more)])
    with editing(settings) as editor:
        editor.put([define("https://a.example/feed"), define("https://b.example/feed", enabled=False)])

    def settled() -> dict[str, Any] | None:
        seen = look(settings)
        return seen if not seen["waiting"] and seen["ended"] == 6 else None

    seen = eventually(settled, "six items have ended, and all is committed", 200, 1)
    counted = {
        name: [each.outcome for each in outcomes].count(name) for name in {o.outcome for o in outcomes}
    }
    assert seen["outcomes"] == {"dead_letter": 1} | counted
    assert seen["running"] is True
    assert seen["sampled"] == 6
    assert seen["dead_letters"] == 1
    assert seen["came_per_s"] == pytest.approx(6 / 3600)
    assert seen["ended_per_s"] == pytest.approx(6 / 3600)
    live = {each["stage"]: each for each in seen["stages"] if each["lane"] == "live"}
    assert [each["workers"] for each in live.values()] == [1, 1, 1]
    assert live["normalize"]["done_per_s"] == pytest.approx(6 / 3600)
    assert live["dedupe"]["done_per_s"] == pytest.approx(5 / 3600)
    assert live["enrich"]["done_per_s"] == pytest.approx(
        sum(each.stage == "enrich" for each in outcomes) / 3600
    )
    assert all(each["median_s"] > 0 for each in live.values())
    assert [each["stage"] for each in live.values() if each["slowest"]] == [
        max(live, key=lambda name: live[name]["median_s"])
    ]
    assert not any(each["workers"] for each in seen["stages"] if each["lane"] == "backfill")
    assert seen["sources"] == {
        "total": 2,
        "workers": 0,
        "health": {"unknown": 1, "disabled": 1},
        "reasons": [],
        "whole": True,
    }
    # Without a terminal it looks once; on one, again and again.
    page = top(settings, "--window", "3600").stdout
    assert page.count("STAGES") == 1
    assert "2, 0 workers read them" in page
    with on_a_terminal(settings, "--every", "0.2", "--window", "3600") as (written, command):
        eventually(lambda: written().count("STAGES") >= 3, "it shows the stages again and again", 120)
        assert "6 items in 60 min" in written()
        command.send_signal(signal.SIGINT)
        assert command.wait(120) == 0
    assert "Traceback" not in written()


def test_it_says_that_kafka_is_silent_and_goes_on_when_it_is_back(
    fresh_kafka: DevBroker, settings: Settings, workers: Workers
) -> None:
    lines = workers.newswire(
        *("top", "--json", "--every", "0.2"), environ=environment(**environment_for(settings))
    )

    def last_note() -> Any:
        written = lines.said().rpartition("\n")[0]
        return json.loads(written.splitlines()[-1])["note"] if written else "nothing yet"

    with on_a_terminal(settings, "--every", "0.2") as (written, command):
        eventually(lambda: written().count("nothing runs") >= 2, "it looks again and again", 120)
        eventually(lambda: last_note() is None, "so it does for programs", 120)
        fresh_kafka.kill()
        eventually(lambda: "has not answered for" in written(), "it says that Kafka is silent", 120)
        eventually(lambda: "has not answered for" in str(last_note()), "so it does to programs", 120)
        fresh_kafka.start()
        eventually(lambda: last_note() is None, "programs are told again what there is", 200)
        eventually(
            lambda: "nothing runs" in head(written()) and "has not answered" not in head(written()),
            "it shows what there is again",
            200,
        )
        assert command.poll() is None
    fresh_kafka.kill()
    gone = top(settings, "--once", code=2)
    assert gone.stderr.startswith(f"newswire: no answer from Kafka at {settings.kafka_bootstrap}: is it up?")
    assert gone.stdout == ""
