"""A forked process is like one with an interpreter of its own: environment, streams, signals, end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.forks import NEWSWIRE, Forked, can_fork, fork
from tests.support.processes import environment, run_newswire
from tests.support.require import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
ODDITIES = [sys.executable, "-m", "tests.support.oddities"]


def started(tmp_path: Path, *arguments: str, **environ: str) -> Forked:
    (tmp_path / "in").write_text("heard")
    command = [*ODDITIES, *arguments]
    assert can_fork(command, environment(**environ))
    files = tmp_path / "in", tmp_path / "out", tmp_path / "err"
    return fork(command, environment(**environ), files, tmp_path)


def said(tmp_path: Path) -> str:
    return (tmp_path / "out").read_text()


def test_it_has_its_own_environment_folder_and_streams(tmp_path: Path):
    child = started(tmp_path, "tell", NEWSWIRE_ODD="yes")
    assert child.wait(60) == 0
    assert said(tmp_path) == f"tell yes {tmp_path} heard True\n"
    assert "NEWSWIRE_ODD" not in os.environ


@pytest.mark.parametrize(
    ("what", "code", "error"),
    [
        ("exit", 7, ""),
        ("word", 1, "a word\n"),
        ("raise", 1, "ValueError: odd\n"),
        ("interrupt", -2, "KeyboardInterrupt\n"),
    ],
)
def test_it_ends_as_an_interpreter_does(tmp_path: Path, what: str, code: int, error: str):
    assert started(tmp_path, what).wait(60) == code
    assert (tmp_path / "err").read_text().endswith(error)
    assert said(tmp_path) == "a thread is done\nat the end\n"
    alone = subprocess.run([*ODDITIES, what], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (alone.returncode, alone.stdout) == (code, said(tmp_path))
    assert alone.stderr.endswith(error)


def test_it_is_signalled_and_waited_for(tmp_path: Path):
    child = started(tmp_path, "sleep")
    eventually(lambda: "asleep" in said(tmp_path), "it sleeps")
    assert child.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)
    assert os.getsid(child.pid) == child.pid
    child.send_signal(signal.SIGSTOP)
    eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED, "it is frozen")
    child.kill()
    assert child.wait(60) == -signal.SIGKILL
    child.terminate()
    assert not psutil.pid_exists(child.pid)


def test_a_child_of_its_own_is_an_interpreter_of_its_own(tmp_path: Path):
    assert started(tmp_path, "child").wait(60) == 0
    assert said(tmp_path) == "a child says 4\n"


def test_they_run_side_by_side(tmp_path: Path):
    folders = [tmp_path / str(number) for number in range(5)]
    for each in folders:
        each.mkdir()
    children = [started(each, "sleep") for each in folders]
    eventually(lambda: all("asleep" in said(each) for each in folders), "all sleep")
    assert [child.poll() for child in children] == [None] * 5
    for number, child in enumerate(children):
        child.terminate()
        assert child.wait(60) == -signal.SIGTERM
        assert [each.poll() for each in children[number + 1 :]] == [None] * (4 - number)


def test_other_programs_and_other_interpreters_are_not_forked():
    assert can_fork([*NEWSWIRE, "top"], environment())
    assert not can_fork([*NEWSWIRE, "top"], environment(PYTHONHASHSEED="7"))
    assert not can_fork([*NEWSWIRE, "top"], environment(LD_PRELOAD="clock.so"))
    assert not can_fork([sys.executable, "-m", "faust"], environment())
    assert not can_fork(["sh", "-c", "true"], environment())


def test_the_command_runs_to_its_end():
    done = run_newswire("settings", "--no-such-option", environ=environment())
    assert done.returncode == 2
    assert "No such option" in done.stderr
    done = run_newswire("settings", environ=environment(NEWSWIRE_PARTITIONS="5"))
    assert re.search(r"^partitions +5\b", done.stdout, re.MULTILINE), done.stdout
