"""A process that runs one connector: ``python -m tests.conformance.run RIG OPTIONS CHECKPOINT [HOLD]``.

Options are JSON, settings come from the environment.  It prints ``done`` once everything is confirmed; where
*HOLD* items are confirmed before, it stands still, to be killed.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import msgspec

from connectors.framework.checkpoint import FileCheckpoints
from connectors.framework.producer import SinkOptions
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.stop import stop_on_signals
from newswire.settings import load_settings
from tests.conformance.rigs import RIGS

UNACKED_BYTES = 20_000
"""Little at a time, so that it can be caught in the middle."""

if __name__ == "__main__":
    name, options, checkpoint, *rest = sys.argv[1:]
    connector = RIGS[name].connector

    def hold(report: Report) -> None:
        if rest and report.confirmed >= int(rest[0]):
            threading.Event().wait()

    sink = Sink(msgspec.structs.replace(SinkOptions.of(load_settings()), unacked_bytes=UNACKED_BYTES))
    with stop_on_signals() as stop:
        report = Runner(
            connector(),
            connector.spec.validate(json.loads(options)),
            sink,
            checkpoints=FileCheckpoints(Path(checkpoint)),
            stop=stop,
            run_options=RunOptions(checkpoint_interval_s=0.0),
            progress=hold,
        ).run()
    sink.close()
    if report.error is not None:
        raise report.error
    print("done" if not report.stopped else f"stopped {report.unconfirmed}", flush=True)
