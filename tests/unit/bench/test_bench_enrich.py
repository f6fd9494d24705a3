"""Enrichment in process is held to a floor, and tells the memory of both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from bench import enrich_inprocess
from bench.figures import FIGURES_FILE, read_figures
from bench.memory import peak_mib
from bench.plain_loop import Spent
from streams.enrich.enricher import Enricher


class Peer:
    """Takes its time, and needs three hundred MiB for it."""

    seconds = 1e-9

    def __init__(self, model: str, warm_up: list[str]) -> None:
        pass

    def read(self, texts: list[str]) -> Spent:
        return Spent(self.seconds, self.seconds)

    def peak_mib(self) -> float:
        return 300

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("seconds", "met"), [(1e-9, False), (1e9, True)])
def test_a_worker_that_is_slower_than_the_floor_misses_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    *,
    met: bool,
) -> None:
    monkeypatch.setenv("NEWSWIRE_SHARED", str(tmp_path))
    monkeypatch.setenv(FIGURES_FILE, str(tmp_path / "figures"))
    monkeypatch.setattr(Peer, "seconds", seconds)
    monkeypatch.setattr(enrich_inprocess, "StockSpacy", Peer)
    fake = Enricher.load("fake")
    monkeypatch.setattr(Enricher, "load", lambda: fake)
    enrich_inprocess.main(["--texts", "2", "--rounds", "1"])
    ratio, ours, peer = read_figures(tmp_path / "figures")
    assert ratio.floor == 0.8
    assert ratio.met is met
    assert (ours.unit, peer.unit, peer.value) == ("MiB", "MiB", 300)
    assert 10 < ours.value <= peak_mib()
    assert "300 MiB" in capsys.readouterr().out
