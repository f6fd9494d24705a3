"""A stalled loop, a lost assignment and a missing model, each made for real and told apart by its process."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from newswire.broker import DevBroker
from streams.tagger.files import WEIGHTS
from tests.support.brokers import environment_for, settings_for
from tests.support.processes import Worker, Workers, environment
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

STALL_S = 4
"""Long beside a beat on a loaded machine."""
PATIENCE_S = 100


class Rig:
    """Starts workers of one broker, and asks them how they do."""

    def __init__(self, broker: DevBroker, workers: Workers, folder: Path) -> None:
        self.broker, self.workers, self.folder = broker, workers, folder
        self.file = folder / "stalled"

    def start(self, *arguments: str, **settings: object) -> Worker:
        given = settings_for(
            self.broker,
            data_dir=self.folder / "run",
            log_format="json",
            health_stall_s=STALL_S,
            kafka_session_timeout_s=5,
            kafka_request_timeout_s=5,
            **settings,
        )
        command = [sys.executable, "-m", "tests.support.stalling_worker", str(self.file), *arguments]
        return self.workers.start(command, environment(**environment_for(given)), arguments[-1])

    def stall(self, worker: Worker) -> None:
        self.file.touch()
        worker.child.send_signal(signal.SIGRTMIN)

    def go_on(self) -> None:
        self.file.unlink()


@pytest.fixture
def rig(fresh_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Rig:
    return Rig(fresh_kafka, workers, tmp_path)


def asked(worker: Worker, what: str) -> tuple[int, str, str]:
    """Return the status, the reason and the detail that a worker answers with."""
    worker.wait_for('"worker_starts"')
    port = worker.events("worker_starts")[0]["metrics_port"]
    try:
        with urlopen(f"http://127.0.0.1:{port}/{what}", timeout=30) as answer:
            status, body = answer.status, answer.read()
    except HTTPError as error:
        status, body = error.code, error.read()
    said = json.loads(body)
    return status, said["reason"], said["detail"]


def await_health(
    worker: Worker, *, live: tuple[int, str], ready: tuple[int, str], detail: str = ".*"
) -> None:
    """Wait until both answers are these, and what readiness says in words matches *detail* as a whole: a machine that
    stands still lets more be said for a moment.
    """

    def both() -> bool:
        lives, readies = asked(worker, "livez"), asked(worker, "readyz")
        return (lives[:2], readies[:2]) == (live, ready) and bool(re.fullmatch(detail, readies[2]))

    eventually(both, f"livez {live}, readyz {ready}: {detail}", PATIENCE_S, 0.2)


ALIVE = (200, "alive")
ASSIGNED = (200, "assigned")
STANDBY = (200, "standby")
STALLED = (503, "loop_stalled")


def test_a_stage_tells_a_stalled_loop_from_a_lost_assignment(rig: Rig):
    worker = rig.start("worker", "normalize")
    await_health(worker, live=ALIVE, ready=ASSIGNED, detail=r"3 partitions of news\.raw\.v1")
    rig.stall(worker)
    alone = r"event_loop has not turned for \d+ s"  # the other loop goes on turning
    await_health(worker, live=STALLED, ready=STALLED, detail=alone)
    rig.go_on()
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    rig.broker.pause()
    try:
        unknown = "the group has not known this member for .*"
        await_health(worker, live=ALIVE, ready=(503, "assignment_lost"), detail=unknown)
    finally:
        rig.broker.resume()
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    assert worker.terminate() == 0


def test_a_standby_is_ready_and_takes_over(rig: Rig):
    first = rig.start("worker", "dedupe")
    await_health(first, live=ALIVE, ready=ASSIGNED)
    both = [first, rig.start("worker", "dedupe")]

    def roles() -> dict[str, Worker] | None:
        told = [asked(worker, "readyz")[:2] for worker in both]
        alive = all(asked(worker, "livez")[:2] == ALIVE for worker in both)
        as_wanted = alive and sorted(told) == [ASSIGNED, STANDBY]
        return {role: worker for (_, role), worker in zip(told, both, strict=True)} if as_wanted else None

    # Which is which may change while the second joins.
    found = eventually(roles, "one is assigned, the other stands by", PATIENCE_S, 0.2)
    assert found is not None
    found["assigned"].kill()
    await_health(found["standby"], live=ALIVE, ready=ASSIGNED, detail=r"1 partition of news\.article\.v1")


def test_a_model_that_goes_is_missed_before_it_is_needed(rig: Rig):
    model = rig.folder / "model"
    shutil.copytree(WEIGHTS, model)
    worker = rig.start("worker", "enrich", enrich_model=str(model))
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    model.rename(rig.folder / "elsewhere")
    named = f".*{re.escape(str(model))}.*"
    await_health(worker, live=ALIVE, ready=(503, "model_missing"), detail=named)
    (rig.folder / "elsewhere").rename(model)
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    worker.end()
    shutil.rmtree(model)
    missing = rig.start("worker", "enrich", enrich_model=str(model))
    assert missing.wait(PATIENCE_S) == 2, "what is missing at the start ends the process"
    assert missing.said().startswith(f"newswire: enrich_model is {model}, and there is no network")
    assert missing.said().count("\n") == 1


def test_a_connector_tells_a_stalled_loop_from_a_lost_assignment(rig: Rig):
    worker = rig.start("connect")
    await_health(worker, live=ALIVE, ready=ASSIGNED, detail="0 sources in 3 partitions")
    rig.stall(worker)
    await_health(worker, live=STALLED, ready=STALLED, detail="event_loop has not turned for .*")
    rig.go_on()
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    rig.broker.pause()
    try:
        await_health(worker, live=ALIVE, ready=(503, "assignment_lost"))
    finally:
        rig.broker.resume()
    await_health(worker, live=ALIVE, ready=ASSIGNED)
    assert worker.terminate() == 0
