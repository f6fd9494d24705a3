"""Figures, their floors, and the exit code of a run of benchmarks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench.end_to_end import slope
from bench.figures import FIGURES_FILE, Figure, read_figures, report
from bench.texts import news_texts


@pytest.mark.parametrize(
    ("value", "floor", "at_most", "met"),
    [
        (0.9, 0.9, False, True),
        (0.89, 0.9, False, False),
        (119.9, 120, True, True),
        (120, 120, True, False),
        (0.0, None, False, True),
    ],
)
def test_a_figure_keeps_to_its_floor(value: float, floor: float | None, at_most: bool, met: bool) -> None:
    assert Figure(name="f", value=value, floor=floor, at_most=at_most).met is met


def test_figures_are_written_as_a_reader_wants_them() -> None:
    rate = Figure(name="f", value=2669.93, unit="/s", floor=1500)
    assert rate.text(rate.value) == "2,670 /s"
    assert rate.wanted == "≥ 1,500 /s"
    assert Figure(name="f", value=0.5, floor=0.35).wanted == "≥ 0.35 ×"
    assert Figure(name="f", value=3, unit="s", floor=10, at_most=True).wanted == "< 10.00 s"
    assert Figure(name="f", value=3).wanted == "–"


def test_figures_reach_whoever_runs_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "figures.jsonl"
    assert read_figures(path) == []
    monkeypatch.setenv(FIGURES_FILE, str(path))
    first, second = Figure(name="a", value=1.5), Figure(name="b", value=2.0, floor=3.0)
    report([first])
    report([second])
    assert read_figures(path) == [first, second]


def test_figures_go_nowhere_unless_somebody_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FIGURES_FILE, raising=False)
    monkeypatch.chdir(tmp_path)
    report([Figure(name="a", value=1.0)])
    assert list(tmp_path.iterdir()) == []


Runner = Callable[..., int]


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Run the command with benchmarks that report one figure, or fail, instead of measuring."""

    def run(*arguments: str, value: float = 1.0, code: int = 0) -> int:
        def fake(command: list[str], env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[bytes]:
            if code == 0:
                monkeypatch.setenv(FIGURES_FILE, env[FIGURES_FILE])
                report([Figure(name=command[2], value=value, floor=1.0)])
            return subprocess.CompletedProcess(command, code)

        monkeypatch.setattr(subprocess, "run", fake)
        return bench.main(arguments)

    return run


def test_all_floors_met_is_exit_code_0(runner: Runner) -> None:
    assert runner() == 0


def test_a_missed_floor_is_exit_code_1_but_not_in_a_quick_run(runner: Runner) -> None:
    assert runner("engine", value=0.5) == 1
    assert runner("engine", "--quick", value=0.5) == 0


def test_a_benchmark_that_fails_is_exit_code_1(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner("engine", "--quick", code=3) == 1
    assert "engine failed" in capsys.readouterr().out


def test_an_unknown_name_is_refused(runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        runner("no-such")
    assert "no-such" in capsys.readouterr().err


def test_every_benchmark_is_a_module() -> None:
    for benchmark in bench.BENCHMARKS.values():
        assert (bench.ROOT / "bench" / f"{benchmark.module}.py").is_file()


def test_a_steady_rate_is_found_through_batches_and_a_slow_beginning() -> None:
    steady = [16 * 1000 // 10 * (number // 16) for number in range(800)]
    begun_late = [0, *(5000 + each for each in steady)]
    assert slope(begun_late) == pytest.approx(10, rel=0.02)


def test_without_shared_data_texts_are_made_of_the_seeds_and_are_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSWIRE_SHARED", str(tmp_path))
    made = news_texts(50)
    assert made == news_texts(50)
    assert len(set(made.texts)) == 50
    assert all(len(text) > 500 for text in made.texts)
