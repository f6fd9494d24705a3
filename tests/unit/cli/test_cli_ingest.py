"""``newswire ingest`` without a broker: what it serves while it runs."""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

import pytest

from connectors.framework.runner import Report
from newswire.cli import main
from tests.support.ports import free_port


@pytest.mark.parametrize("served", [True, False])
def test_metrics_are_served_while_it_runs_where_a_port_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, served: bool
) -> None:
    (tmp_path / "a.txt").write_text("A text.")
    port = free_port()
    seen: list[str] = []

    def run_connector(*_given: object, **_more: object) -> Report:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                seen.append(answer.read().decode())
        except OSError:
            pass
        return Report(connector="files")

    monkeypatch.setattr("newswire.cli.ingest.run_connector", run_connector)
    monkeypatch.setattr("newswire.cli.ingest.hold", lambda *_args, **_more: None)
    monkeypatch.setattr("newswire.cli.ingest.quiet_kafka", lambda: None)
    # The setting alone is for processes that run until they are stopped.
    monkeypatch.setenv("NEWSWIRE_METRICS_PORT", str(port))
    options = ["--metrics-port", str(port)] if served else []
    monkeypatch.setattr(sys, "argv", ["newswire", "ingest", str(tmp_path), *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert ["newswire_connect_unacknowledged_bytes" in text for text in seen] == ([True] if served else [])
