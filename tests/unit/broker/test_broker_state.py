"""The state file, and which process is believed to be the broker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from newswire.broker import BrokerError, DevBroker
from newswire.broker.state import BrokerState, live_process, read_state, write_state
from newswire.broker.watchdog import watch
from tests.support.waiting import eventually

CONFIGURATION = "/somewhere/server.properties"


@pytest.fixture
def stand_in() -> Iterator[subprocess.Popen[bytes]]:
    """A process that only its last argument makes a broker."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", CONFIGURATION])
    yield child
    child.kill()
    child.wait()


def state_of(child: subprocess.Popen[bytes], **other: object) -> BrokerState:
    state = BrokerState(
        pid=child.pid,
        started_at=psutil.Process(child.pid).create_time(),
        configuration=CONFIGURATION,
        port=20_001,
        controller_port=20_002,
        cluster_id="AAAAAAAAAAAAAAAAAAAAAA",
    )
    return msgspec.structs.replace(state, **other)


def test_a_state_comes_back_as_it_was_written(tmp_path: Path, stand_in: subprocess.Popen[bytes]):
    path = tmp_path / "broker.json"
    assert read_state(path) is None
    write_state(path, state_of(stand_in))
    assert read_state(path) == state_of(stand_in)
    assert [each.name for each in tmp_path.iterdir()] == ["broker.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"pid": "1"}'])
def test_a_broken_state_is_refused_with_its_path(tmp_path: Path, content: bytes):
    path = tmp_path / "broker.json"
    path.write_bytes(content)
    with pytest.raises(BrokerError, match=r"broker\.json cannot be read"):
        read_state(path)


def test_the_process_that_was_started_is_the_broker(stand_in: subprocess.Popen[bytes]):
    found = live_process(state_of(stand_in))
    assert found is not None
    assert found.pid == stand_in.pid


@pytest.mark.parametrize(
    "other",
    [{"started_at": 1.0}, {"configuration": "/elsewhere/server.properties"}],
    ids=lambda each: next(iter(each)),
)
def test_a_pid_used_again_is_not_the_broker(stand_in: subprocess.Popen[bytes], other: dict[str, object]):
    assert live_process(state_of(stand_in, **other)) is None


def test_a_dead_process_is_not_the_broker_even_before_it_is_reaped(stand_in: subprocess.Popen[bytes]):
    state = state_of(stand_in)
    stand_in.kill()
    eventually(lambda: psutil.Process(stand_in.pid).status() == psutil.STATUS_ZOMBIE, "it is a zombie")
    assert live_process(state) is None
    stand_in.wait()
    assert live_process(state) is None


def test_a_foreign_process_is_neither_shown_nor_stopped(tmp_path: Path, stand_in: subprocess.Popen[bytes]):
    write_state(
        tmp_path / "broker.json", state_of(stand_in, configuration=str(tmp_path / "server.properties"))
    )
    broker = DevBroker(tmp_path)
    assert not broker.status().running
    assert not broker.stop()
    assert not broker.kill()
    with pytest.raises(BrokerError, match="no broker runs"):
        broker.pause()
    assert stand_in.poll() is None


def test_status_of_a_directory_where_nothing_was_started(tmp_path: Path):
    broker = DevBroker(tmp_path / "never")
    assert not broker.status().running
    assert not (tmp_path / "never").exists(), "to look makes nothing"
    with pytest.raises(BrokerError, match="no broker was started"):
        broker.bootstrap  # noqa: B018


def test_the_watchdog_kills_when_its_pipe_closes(stand_in: subprocess.Popen[bytes]):
    dog = watch(state_of(stand_in))
    assert dog.stdin is not None
    assert stand_in.poll() is None
    dog.stdin.close()
    assert stand_in.wait(60) == -9
    assert dog.wait(60) == 0


def test_the_watchdog_leaves_a_foreign_process_alone(stand_in: subprocess.Popen[bytes]):
    dog = watch(state_of(stand_in, started_at=1.0))
    dog.communicate(timeout=60)
    assert dog.returncode == 0
    assert stand_in.poll() is None
