"""A floor holds for the mean over seeds."""

from __future__ import annotations

import msgspec
import pytest

from bench.evaluation.held import Held
from bench.evaluation.seeds import SeedRun, page
from bench.scoring.figures import Estimate


def run(name: str, value: float, version: str = "3") -> SeedRun:
    estimate = Estimate(value, value - 0.1, value + 0.1)
    held = Held(name="gold: nested", estimate=estimate, floor=60, aim=80, peers="readers 94.5")
    return SeedRun(name=name, version=version, weights="0" * 12, figures=[held])


@pytest.mark.parametrize(("second", "mean", "verdict"), [(0.62, "60.5", "met"), (0.60, "59.5", "missed")])
def test_a_floor_is_held_against_the_mean(second: float, mean: str, verdict: str):
    old = run("seed1", 0.9, "2")
    written = page([old, run("seed1", 0.59), run("seed2", second)])
    (row,) = [line for line in written.splitlines() if line.startswith("| gold: nested")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == ["59.0", f"{100 * second:.1f}"]
    assert cells[3].startswith(f"{mean} (")
    assert cells[-1] == verdict


def test_runs_are_kept_as_they_were_written():
    one = run("seed1", 0.59)
    assert msgspec.json.decode(msgspec.json.encode(one), type=SeedRun) == one
    assert "| – |" in page([one]), "one seed tells nothing of how far they lie apart"
