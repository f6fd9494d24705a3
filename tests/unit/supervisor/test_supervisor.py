"""The supervisor, over real processes that are no workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from newswire.supervisor import (
    ChildFailed,
    ChildSpec,
    Interrupted,
    NotReady,
    RestartPolicy,
    Supervisor,
    SupervisorError,
)
from newswire.supervisor import child as child_module
from newswire.supervisor.child import Child, how_it_ended
from newswire.supervisor.figures import Reader
from newswire.supervisor.tied import tied
from tests.support.require import ROOT
from tests.support.waiting import eventually

FAKE = ROOT / "tests" / "support" / "fake_worker.py"
QUICK = RestartPolicy(first_wait_s=0.01, longest_wait_s=0.05, crashes=3, window_s=60)
Make = Callable[..., Supervisor]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    # On a busy machine a child may take seconds to answer, and what does not answer is not in the figures.
    monkeypatch.setattr(child_module, "METRICS_TIMEOUT_S", 30.0)
    made: list[Supervisor] = []

    def supervisor(*how: str) -> Supervisor:
        specs = []
        for number, each in enumerate(how):
            folder = tmp_path / f"child-{number}"
            folder.mkdir(exist_ok=True)
            specs.append(
                ChildSpec(
                    name=f"child-{number}",
                    command=(sys.executable, str(FAKE), str(folder), each),
                    environ=dict(os.environ),
                    log=tmp_path / "logs" / f"child-{number}.log",
                )
            )
        made.append(Supervisor(specs, say=said.append, policy=QUICK))
        return made[-1]

    yield supervisor
    for each in made:
        each.kill()


def check_until(supervisor: Supervisor, holds: Callable[[], object], what: str) -> None:
    def look() -> object:
        supervisor.check()
        return holds()

    eventually(look, what, 30)


def pids(supervisor: Supervisor) -> list[int]:
    return [child.pid for child in supervisor.children if child.pid is not None]


def test_children_become_ready_work_and_are_stopped(make: Make, said: list[str]):
    supervisor = make("well", "well")
    supervisor.start()
    assert not supervisor.ready
    supervisor.wait_until_ready(30)
    assert supervisor.ready
    assert len({child.metrics_port for child in supervisor.children}) == 2
    running = pids(supervisor)
    supervisor.stop(30)
    assert not pids(supervisor)
    assert not any(psutil.pid_exists(pid) for pid in running)
    assert said == []


def test_one_that_does_not_answer_when_it_says_that_it_works_is_asked_again(make: Make, monkeypatch):
    metrics, asked = Child.metrics, []

    def late(child: Child) -> str | None:
        asked.append(child.name)
        return metrics(child) if len(asked) > 1 else None

    monkeypatch.setattr(Child, "metrics", late)
    supervisor = make("well")
    supervisor.start()
    supervisor.wait_until_ready(30)
    assert len(asked) > 1


def test_one_that_is_killed_is_started_again_and_that_is_said(make: Make, said: list[str]):
    supervisor = make("well", "well")
    supervisor.start()
    supervisor.wait_until_ready(30)
    first, second = pids(supervisor)
    os.kill(first, signal.SIGKILL)
    check_until(supervisor, lambda: len(said) == 2, "it works again")
    assert said == ["child-0 was ended by SIGKILL; it starts again in 0.01 s", "child-0 works again"]
    assert pids(supervisor)[0] != first
    assert pids(supervisor)[1] == second, "the other one is left alone"


def test_figures_add_up_over_children_and_starts(make: Make):
    supervisor = make("well", "well")
    supervisor.start()
    supervisor.wait_until_ready(30)
    reader = Reader()
    figures = reader.read(supervisor.children)
    assert (figures.outcomes, figures.in_flight, figures.lag) == ({"duplicate": 2}, 4, 10)
    os.kill(pids(supervisor)[0], signal.SIGKILL)
    check_until(supervisor, lambda: not supervisor.ready, "the end is noticed")
    supervisor.wait_until_ready(30)
    # Its counter began anew and stands at 2 (its second start); the 1 of its first start still counts.
    assert reader.read(supervisor.children).outcomes == {"duplicate": 4}


def test_a_crash_loop_is_given_up_with_its_last_words(make: Make, said: list[str]):
    supervisor = make("crashes")
    supervisor.start()
    with pytest.raises(
        ChildFailed, match=r"child-0 ends again and again \(it ended with exit code 70"
    ) as failed:
        supervisor.wait_until_ready(60)
    assert failed.value.lines == ["critical: stage_failed error=ValueError('a bug')"]
    assert len(said) == QUICK.crashes - 1
    assert not pids(supervisor)


def test_a_start_that_needs_the_user_fails_at_once_with_the_line_that_says_so(make: Make, said: list[str]):
    supervisor = make("well", "mendable")
    supervisor.start()
    with pytest.raises(ChildFailed) as failed:
        supervisor.wait_until_ready(60)
    assert str(failed.value) == "child-1: the moon is missing: hang it up again"
    assert (failed.value.lines, said) == ([], [])
    supervisor.stop(30)
    assert not pids(supervisor)


def test_what_needs_the_user_later_is_said_and_tried_again(make: Make, said: list[str]):
    supervisor = make("mendable later")
    supervisor.start()
    supervisor.wait_until_ready(30)
    os.kill(pids(supervisor)[0], signal.SIGKILL)
    check_until(supervisor, lambda: "child-0 works again" in said, "it works again")
    assert said[1].startswith("child-0: the moon is missing: hang it up again; it starts again in")


def test_one_that_is_never_ready_is_named(make: Make):
    supervisor = make("well", "never ready")
    supervisor.start()
    check_until(supervisor, lambda: supervisor.children[0].ready, "the other one is ready")
    with pytest.raises(NotReady, match=r"child-1 is not ready after 1 s: see .*child-1\.log"):
        supervisor.wait_until_ready(1)
    assert issubclass(NotReady, SupervisorError)


def test_waiting_ends_when_a_stop_is_asked_for(make: Make):
    supervisor = make("never ready")
    supervisor.start()
    with pytest.raises(Interrupted):
        supervisor.wait_until_ready(60, stop=lambda: True)


def test_one_that_does_not_stop_is_killed(make: Make, said: list[str]):
    supervisor = make("well", "stubborn")
    supervisor.start()
    supervisor.wait_until_ready(30)
    supervisor.stop(2)  # the other one has to end within it
    assert not pids(supervisor)
    assert said == ["child-1 does not stop and is killed"]


def test_a_second_interruption_kills_at_once(make: Make, monkeypatch):
    supervisor = make("stubborn")
    supervisor.start()
    supervisor.wait_until_ready(30)
    sleep = time.sleep

    def interrupted(seconds: float) -> None:
        if threading.current_thread() is not threading.main_thread():
            sleep(seconds)  # a pool that another test left behind sleeps, too
            return
        monkeypatch.setattr(time, "sleep", sleep)
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        supervisor.stop(3600)
    assert not pids(supervisor)


def test_a_child_ends_with_its_parent_however_that_ends(tmp_path: Path):
    program = (
        "import subprocess, sys, time\n"
        "from newswire.supervisor.tied import tied\n"
        "child = subprocess.Popen(tied([sys.executable, '-c', 'import time; time.sleep(600)']))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    # What ties it has the command in its own arguments, behind a program of its own.
    command = ["-c", "import time; time.sleep(600)"]
    eventually(lambda: child.cmdline()[1:] == command, "it has become its command")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert child.wait(30) is None


def test_a_child_whose_parent_is_gone_already_does_not_begin(tmp_path: Path):
    mark = tmp_path / "mark"
    command = tied([sys.executable, "-c", f"open({str(mark)!r}, 'w')"])
    command[command.index(str(os.getpid()))] = "1"
    assert subprocess.run(command, check=False).returncode == 1
    assert not mark.exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (-9, "was ended by SIGKILL"), (-200, "was ended by signal 200")],
)
def test_ends_have_names(code: int, words: str):
    assert how_it_ended(code) == words
