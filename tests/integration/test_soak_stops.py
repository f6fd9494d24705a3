"""A soak that is interrupted leaves nothing behind: no broker, no worker, no files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.families import command_of
from tests.support.require import require_kafka

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_is_stopped(number: signal.Signals, tmp_path: Path) -> None:
    require_kafka()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.soak", "--minutes", "30", "--saturate", "6"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert "The top rate is" in said, said + process.stdout.read()
            started = psutil.Process(process.pid).children(recursive=True)
            assert sum("worker" in command_of(each) for each in started) == 3
            assert sum("ingest" in command_of(each) for each in started) == 1
            brokers = _naming(tmp_path)
            assert brokers
            process.send_signal(number)
            rest = process.stdout.read()
            process.wait(200)
        finally:
            process.kill()
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert "stopped before the end" in rest
    _gone, left = psutil.wait_procs([*started, *brokers], timeout=60)
    assert left == []
    assert list(tmp_path.glob("soak-*")) == []


def _naming(directory: Path) -> list[psutil.Process]:
    """Return the processes whose command names a path in the directory."""
    found = []
    for each in psutil.process_iter():
        try:
            if any(str(directory) in part for part in each.cmdline()):
                found.append(each)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
