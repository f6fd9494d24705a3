"""A bound on how long a worker takes to end once it was asked to."""

from __future__ import annotations

import threading
from typing import Final

from newswire.telemetry.logs import log
from streams.engine.faust_app import EXIT_CRASHED, StageApp

__all__ = ["STOP_GRACE_S", "end_in_time"]

STOP_GRACE_S: Final = 4.0
"""What a worker may take to stop beyond ``drain_timeout_s``: to commit, to leave its group, to close."""


def end_in_time(app: StageApp) -> None:
    """End the process, whatever it still waits for, when it should have stopped by itself.

    Clients of Kafka wait for a broker that does not answer for as long as it takes: to commit, to say that they
    leave, to flush.  A supervisor would have to kill the worker then.  This does it before, with a word of what
    was not finished: nothing is lost by that, it was not committed and comes again.
    """
    timer = threading.Timer(app.settings.drain_timeout_s + STOP_GRACE_S, _end, (app,))
    timer.daemon = True
    timer.start()


def _end(app: StageApp) -> None:
    engine = app.engine
    log.warning("stop_timed_out", stage=app.stage.name, in_flight=engine.in_flight if engine else 0)
    app.end_at_once(EXIT_CRASHED if app.crashed else 0)
