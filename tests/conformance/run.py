"""A process that runs one connector, to be killed: ``python -m tests.conformance.run RIG OPTIONS CHECKPOINT``.

Options are JSON, settings come from the environment.  It prints ``done`` once everything is confirmed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from connectors.framework.checkpoint import FileCheckpoints
from connectors.framework.producer import SinkOptions
from connectors.framework.runner import Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.stop import stop_on_signals
from newswire.settings import load_settings
from tests.conformance.rigs import RIGS

UNACKED_BYTES = 20_000

if __name__ == "__main__":
    name, options, checkpoint = sys.argv[1:]
    connector = RIGS[name].connector
    # Little at a time, so that it can be caught in the middle.
    sink = Sink(msgspec.structs.replace(SinkOptions.of(load_settings()), unacked_bytes=UNACKED_BYTES))
    with stop_on_signals() as stop:
        report = Runner(
            connector(),
            connector.spec.validate(json.loads(options)),
            sink,
            checkpoints=FileCheckpoints(Path(checkpoint)),
            stop=stop,
            run_options=RunOptions(checkpoint_interval_s=0.0),
        ).run()
    sink.close()
    if report.error is not None:
        raise report.error
    print("done" if not report.stopped else f"stopped {report.unconfirmed}", flush=True)
