"""The demo's progress where there is no terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from newswire.demo import steps as module
from newswire.demo.steps import Steps


def test_a_line_for_each_step_that_ended_well_and_the_count_now_and_then(monkeypatch):
    monkeypatch.setattr(module, "PLAIN_EVERY_S", 0.0)
    out = io.StringIO()
    steps = Steps(Console(file=out, width=60))
    with steps.step("one", "doing one") as step:
        step.update(3, 12)
        step.done = "one is done"
    with pytest.raises(ZeroDivisionError), steps.step("two", "doing two"):
        raise ZeroDivisionError
    lines = out.getvalue().splitlines()
    assert lines[0] == "  · doing one 3 of 12"
    assert lines[1].startswith("  ✓ one is done")
    assert lines[1].endswith(" s")
    assert len(lines) == 2
    assert list(steps.seconds) == ["one"]
    assert steps.elapsed_s >= steps.seconds["one"]
