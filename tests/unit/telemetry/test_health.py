"""What a process says of its loops and of what it waits for, and that each reason is one of the list."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec
import pytest

from newswire.cli.worker import model_there
from newswire.settings import load_settings
from newswire.telemetry.health import HEALTH, REASONS, Condition, Health
from newswire.telemetry.reference import page
from newswire.telemetry.server import serve_metrics
from streams.engine.vitals import Membership, assignment
from tests.support.processes import environment


class Clock:
    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def test_a_process_without_loops_is_live_and_ready(health: Health):
    assert health.live() == Condition(ok=True, reason="alive")
    assert health.ready() == Condition(ok=True, reason="ready")


def test_a_loop_that_does_not_turn_is_named(health: Health, clock: Clock):
    health.beat("event_loop")
    health.beat("sharing")
    clock.at += health.stall_s
    health.beat("sharing")
    assert health.live().ok, "not before the time is over"
    clock.at += 1
    said = health.live()
    assert (said.ok, said.reason, said.detail) == (
        False,
        "loop_stalled",
        "event_loop has not turned for 61 s",
    )
    assert health.ready() == said
    health.beat("event_loop")
    assert health.live().ok
    clock.at += 1000
    health.rest("event_loop")
    health.rest("sharing")
    assert health.live().ok, "what has ended need not turn"


def test_a_failure_is_told_first_and_stays(health: Health, clock: Clock):
    health.beat("event_loop")
    clock.at += 1000
    health.fail("no producer")
    health.fail("and then this")
    assert health.live() == Condition(ok=False, reason="failed", detail="no producer")


def test_what_is_not_ready_is_told_in_order_and_leaves_the_process_live(health: Health):
    said = {"model": Condition(ok=True, reason="ready"), "assignment": Condition(ok=False, reason="joining")}
    health.ready_when("model", lambda: said["model"])
    health.ready_when("assignment", lambda: said["assignment"])
    assert health.ready().reason == "joining"
    said["model"] = Condition(ok=False, reason="model_missing")
    assert health.ready().reason == "model_missing"
    assert health.live().ok
    said |= {"model": Condition(ok=True, reason="ready"), "assignment": Condition(ok=True, reason="standby")}
    assert health.ready() == Condition(ok=True, reason="standby")


def test_no_reason_is_made_up():
    with pytest.raises(AssertionError):
        Condition(ok=False, reason="something")


def test_the_page_explains_every_reason():
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in page()


MEMBER = Membership(
    topic="news.raw.v1", started=True, stopping=False, unknown_s=0.4, session_s=10, partitions=2
)


@pytest.mark.parametrize(
    ("changed", "ok", "reason"),
    [
        ({}, True, "assigned"),
        ({"partitions": 0}, True, "standby"),
        ({"partitions": None}, False, "preparing"),
        ({"unknown_s": None}, False, "joining"),
        ({"unknown_s": None, "partitions": None}, False, "joining"),
        ({"unknown_s": 10.0}, True, "assigned"),
        ({"unknown_s": 10.1}, False, "assignment_lost"),
        ({"unknown_s": 10.1, "partitions": 0}, False, "assignment_lost"),
        ({"unknown_s": 10.1, "partitions": None}, False, "assignment_lost"),
        ({"started": False, "unknown_s": None}, False, "starting"),
        ({"stopping": True, "unknown_s": 99.0}, False, "stopping"),
    ],
)
def test_the_states_of_a_member(changed: dict[str, object], ok: bool, reason: str):
    said = assignment(msgspec.structs.replace(MEMBER, **changed))
    assert (said.ok, said.reason) == (ok, reason)


def test_a_model_that_is_not_there():
    missing = model_there(load_settings({"enrich_model": "no_such_model"}, environ={}))
    assert (missing.ok, missing.reason) == (False, "model_missing")
    assert "enrich_model is no_such_model, and there is no network" in missing.detail
    assert model_there(load_settings({}, environ={})).ok


def test_both_are_served_beside_the_metrics():
    server, port = serve_metrics("127.0.0.1", 0)
    try:

        def asked(path: str) -> tuple[int, dict[str, object]]:
            try:
                with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as answer:
                    return answer.status, json.loads(answer.read())
            except HTTPError as error:
                return error.code, json.loads(error.read())

        assert asked("livez") == (200, {"ok": True, "reason": "alive", "detail": ""})
        assert asked("readyz")[0] == 200
        HEALTH.ready_when("assignment", lambda: Condition(ok=False, reason="joining"))
        assert asked("readyz") == (503, {"ok": False, "reason": "joining", "detail": ""})
        assert asked("livez?verbose")[0] == 200
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            assert b"newswire_build_info" in answer.read()
    finally:
        server.shutdown()
        server.server_close()


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()
        self.wfile.write(f"said {self.path}\n".encode())

    def log_message(self, *_: object) -> None:
        pass


def probe(port: int, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "newswire.probe", *arguments],
        env=environment(NEWSWIRE_METRICS_HOST="0.0.0.0", NEWSWIRE_METRICS_PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_probe_asks_and_tells():
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        assert probe(port) == (0, "said /livez\n")
        assert probe(port, "readyz") == (1, "said /readyz\n")
        server.shutdown()
    code, said = probe(port)
    assert code == 1
    assert said.startswith("no answer: ")
