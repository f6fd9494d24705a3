"""Runs one connector: reads, sends, confirms, and moves the checkpoint over what is confirmed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from connectors.framework.checkpoint import Checkpoints, Ledger, MemoryCheckpoints
from connectors.framework.connector import Connector, Reading
from connectors.framework.errors import ConnectorError, Fatal, Skippable
from connectors.framework.handoff import Handoff
from connectors.framework.reader import Reader
from connectors.framework.records import DeadItem, dead_item, raw_record
from connectors.framework.sink import Refused, Sink
from connectors.framework.spec import Options
from connectors.framework.stop import Stop
from newswire.settings import Settings
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas.limits import MIB
from schemas.outcome import Hop
from schemas.raw_item import RawItem

__all__ = ["Report", "RunOptions", "Runner"]

TICK_S: Final = 0.1
HANDOFF_BYTES: Final = 8 * MIB
CLOSE_AFTER_S: Final = 0.5
"""A reader that has not stopped by then has its connector closed under it."""
CLOSED_IN_S: Final = 3.0
"""Seconds that a connector has to end once it is closed: fetches are cancelled and children let go, which takes a busy
machine more than one.  Whose reading is left behind leaves no word of its last fetches to who reads next.
"""


class RunOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a run behaves.  Times are in seconds."""

    retry_attempts: int = 8
    retry_max_wait_s: float = 30.0
    drain_timeout_s: float = 10.0
    """How long after it was asked to stop a run waits for the broker to take and confirm what was read."""
    checkpoint_interval_s: float = 5.0

    @classmethod
    def of(cls, settings: Settings) -> RunOptions:
        """Take them from the settings."""
        return cls(
            retry_attempts=settings.retry_attempts,
            retry_max_wait_s=settings.retry_max_wait_s,
            drain_timeout_s=settings.drain_timeout_s,
        )


class Report(msgspec.Struct, kw_only=True):
    """What a run did.  Every reading of something is counted once under ``confirmed``, ``dead_letters``
    or ``unconfirmed``.
    """

    connector: str
    read: int = 0
    """Items and broken pieces taken from the connector."""
    confirmed: int = 0
    """Items that lie in ``news.raw``."""
    dead_letters: int = 0
    """Broken pieces that lie in ``news.dead-letter`` with their outcome."""
    reasons: dict[str, int] = {}
    """Dead letters by reason."""
    cut: int = 0
    """Items whose body was over the limit and is flagged ``truncated``."""
    unconfirmed: int = 0
    """Readings that the broker had not confirmed when the run ended; they come again from the checkpoint."""
    confirmed_bytes: int = 0
    """Size of the confirmed raw records, uncompressed."""
    retries: int = 0
    waited_s: float = 0.0
    """Seconds that reading waited for the broker."""
    seconds: float = 0.0
    done: float | None = None
    """How much of all there is was read, 0 to 1."""
    stopped: bool = False
    """It was asked to stop before its end."""
    left_behind: bool = False
    """Reading did not stop when it was asked to, and may still be under way."""
    gone: str | None = None
    """What the source said when it ended for good."""
    error: ConnectorError | None = None
    """What ended the run before its end."""


class Runner:
    """One run of one connector, in the calling thread; reading has a thread of its own."""

    def __init__(
        self,
        connector: Connector[Any],
        options: Options,
        sink: Sink,
        *,
        checkpoints: Checkpoints | None = None,
        stop: Stop | None = None,
        run_options: RunOptions | None = None,
        progress: Callable[[Report], None] = lambda _report: None,
    ) -> None:
        self._connector = connector
        self._sink = sink
        self._checkpoints = checkpoints or MemoryCheckpoints()
        self._stop = stop or Stop()
        self._run = run_options or RunOptions()
        self._progress = progress
        self._ledger = Ledger()
        self._handoff = Handoff(HANDOFF_BYTES)
        self._reader = Reader(
            connector,
            options,
            self._checkpoints.load(),
            self._handoff,
            attempts=self._run.retry_attempts,
            max_wait_s=self._run.retry_max_wait_s,
        )
        self._saved_at = time.monotonic()
        self._next_tick = 0.0
        self._give_up: Callable[[], bool] = self._stop.asked
        self.report = Report(connector=connector.spec.name)

    def run(self) -> Report:
        """Run until the source ends, a stop is asked for or something is in the way.

        A `ConnectorError` is reported; any other exception is a defect and is raised once all that was
        read before it is confirmed.
        """
        began = time.monotonic()
        waited_before = self._sink.waited_s
        self._reader.start()
        try:
            try:
                self._send_all()
                self._drain()
            finally:
                self._end_reading()
                self._save()
        except ConnectorError as error:
            self.report.error = error
        failure = self._handoff.failure
        if isinstance(failure, ConnectorError):
            self.report.error = self.report.error or failure
        self.report.unconfirmed = self._ledger.unconfirmed
        self.report.retries = self._reader.retries
        self.report.gone = self._reader.gone.message if self._reader.gone else None
        self.report.waited_s = self._sink.waited_s - waited_before
        self.report.seconds = time.monotonic() - began
        self._progress(self.report)
        if failure is not None and not isinstance(failure, ConnectorError):
            raise failure
        return self.report

    def _send_all(self) -> None:
        while not self._handoff.exhausted:
            if self._stop.asked():
                self._send_the_rest()
                return
            reading = self._handoff.get(TICK_S)
            if reading is not None:
                self._emit(reading)
            self._tick()

    def _send_the_rest(self) -> None:
        """Send what was handed over before the stop, as long as there is time."""
        self.report.stopped = True
        self._give_up = lambda: not self._stop.left(self._run.drain_timeout_s)
        self._handoff.refuse()
        while (reading := self._handoff.get(0.0)) is not None:
            self._emit(reading)

    def _drain(self) -> None:
        """Wait for confirmations: at the end of the source until the sink gives up, on a stop not longer
        than the drain timeout.
        """
        while not self._stop.asked():
            if self._sink.drain(TICK_S):
                return
            self._tick()
        self.report.stopped = True
        if not self._sink.drain(self._stop.left(self._run.drain_timeout_s)):
            log.warning(
                "stopped before the broker confirmed everything", unconfirmed=self._ledger.unconfirmed
            )

    def _end_reading(self) -> None:
        self._handoff.refuse()
        self._reader.join(CLOSE_AFTER_S)
        if self._reader.is_alive() and not self._reader.waiting:
            self._connector.close()
            self._reader.join(CLOSED_IN_S)
            if self._reader.is_alive():
                self.report.left_behind = True
                log.warning("reading did not stop and is left behind", connector=self.report.connector)

    def _emit(self, reading: Reading) -> None:
        ticket = self._ledger.enter(reading.stream, reading.cursor)
        if reading.done is not None:
            self.report.done = reading.done

        def confirmed() -> None:
            self._ledger.confirm(ticket)
            if reading.acked is not None:
                reading.acked()

        if reading.item is not None:
            self.report.read += 1
            self._send_item(reading.item, confirmed)
        elif reading.broken is not None:
            self.report.read += 1
            self._bury(dead_item(reading.broken, reading.broken.error), confirmed)
        else:
            confirmed()

    def _send_item(self, seen: RawItem, confirmed: Callable[[], None]) -> None:
        try:
            item, record = raw_record(seen)
        except Skippable as error:
            self._bury(dead_item(seen, error), confirmed)
            return

        def delivered(_hop: Hop) -> None:
            self.report.confirmed += 1
            self.report.confirmed_bytes += record.size
            self.report.cut += bool(item.body and item.body.truncated)
            confirmed()

        def refused(why: Refused) -> None:
            error = Skippable(f"the broker refuses the record: {why}", reason="refused")
            self._bury(dead_item(item, error, record), confirmed, follows=True)

        self._sink.send(record, delivered=delivered, refused=refused, give_up=self._give_up)

    def _bury(self, dead: DeadItem, confirmed: Callable[[], None], *, follows: bool = False) -> None:
        """Send a dead letter and, when it lies in its topic, the outcome that says where."""
        reason = dead.outcome.reason or ""

        def delivered(hop: Hop) -> None:
            self._sink.send(dead.outcome_record(hop), delivered=recorded, refused=_impossible, follows=True)

        def recorded(_hop: Hop) -> None:
            self.report.dead_letters += 1
            self.report.reasons[reason] = self.report.reasons.get(reason, 0) + 1
            metrics.DEAD_LETTERS.labels("connect", reason).inc()
            metrics.OUTCOMES.labels("connect", "dead_letter", reason, dead.outcome.lane).inc()
            confirmed()

        self._sink.send(
            dead.letter, delivered=delivered, refused=_impossible, give_up=self._give_up, follows=follows
        )

    def _tick(self) -> None:
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + TICK_S
        self._sink.settle()
        self._progress(self.report)
        if now - self._saved_at > self._run.checkpoint_interval_s or self._checkpoints.wanted():
            self._save()

    def _save(self) -> None:
        moved = self._ledger.take_moved()
        if moved or self._checkpoints.wanted():
            self._checkpoints.save(moved)
        self._saved_at = time.monotonic()


def _impossible(why: Refused) -> None:
    raise Fatal(
        f"the broker refuses a dead letter or an outcome: {why}; see what differs with: newswire topics check",
        reason="dead_letter_refused",
    )
