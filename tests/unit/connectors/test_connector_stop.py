"""How much is left of the time that a run has to end."""

from __future__ import annotations

import pytest

from connectors.framework import stop as module
from connectors.framework.stop import Stop


def test_the_time_to_end_in_counts_from_the_first_time_of_asking(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    stop = Stop()
    assert not stop.asked()
    assert stop.left(4.0) == 4.0
    now[0] = 150.0
    assert stop.left(4.0) == 4.0
    stop.ask()
    assert stop.asked()
    now[0] = 151.0
    stop.ask()
    assert stop.left(4.0) == 3.0
    now[0] = 160.0
    assert stop.left(4.0) == 0.0
