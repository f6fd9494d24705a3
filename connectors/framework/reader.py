"""The thread that reads: opens a connector, hands over what it yields, and tries again what passes."""

from __future__ import annotations

import threading
from collections import ChainMap
from datetime import UTC, datetime
from typing import Any, Final

import stamina

from connectors.framework.connector import Broken, Checkpoint, Connector, Cursor, Reading
from connectors.framework.errors import Gone, RateLimited, Retriable, Skippable
from connectors.framework.handoff import Handoff
from connectors.framework.items import utc
from connectors.framework.spec import Options
from newswire.telemetry import metrics

__all__ = ["Reader"]

FIRST_WAIT_S: Final = 0.5


class Reader(threading.Thread):
    """Runs one connector to its end.  A daemon: reading that blocks cannot hold up the end of the process.

    A `Retriable` closes the connector and, after a wait that grows, opens it again with the cursors of
    what was handed over last: nothing of it is lost, since the sender keeps it until it is confirmed.  The
    tries are counted anew after each reading.
    """

    def __init__(
        self,
        connector: Connector[Any],
        options: Options,
        checkpoint: Checkpoint,
        handoff: Handoff,
        *,
        attempts: int,
        max_wait_s: float,
    ) -> None:
        super().__init__(name=f"read-{connector.spec.name}", daemon=True)
        self.retries = 0
        self.waiting = False
        """Between two tries, with the connector closed."""
        self.gone: Gone | None = None
        self._connector = connector
        self._options = options
        self._handoff = handoff
        self._attempts = attempts
        self._max_wait_s = max_wait_s
        self._read_to: dict[str, Cursor] = {}
        self._checkpoint = ChainMap[str, Cursor](self._read_to, dict(checkpoint))
        self._progressed = False

    def run(self) -> None:
        """Read, and leave what ended it with the hand-over."""
        try:
            self._read_with_retries()
        except Gone as error:
            self.gone = error
            self._handoff.end()
        except BaseException as error:  # noqa: BLE001 - the runner raises it in the thread that waits
            self._handoff.end(error)
        else:
            self._handoff.end()

    def _read_with_retries(self) -> None:
        failure: Retriable | None = None
        while True:
            # stamina counts and spaces the tries of one series; a failure after progress opens the next.
            for attempt in stamina.retry_context(
                on=self._wait_for,
                attempts=self._attempts,
                timeout=None,
                wait_initial=FIRST_WAIT_S,
                wait_max=self._max_wait_s,
            ):
                with attempt:
                    if failure is not None:
                        first, failure = failure, None
                        raise first
                    self.waiting = False
                    try:
                        self._read()
                    except Retriable as error:
                        if not self._progressed:
                            raise
                        failure = error
                    else:
                        return

    def _wait_for(self, error: Exception) -> bool | float:
        """Say whether, or after how many seconds, to try again after *error*."""
        if not isinstance(error, Retriable) or self._handoff.refusing:
            return False
        self.waiting = True
        self.retries += 1
        metrics.RETRIES.labels("connect", "read").inc()
        return error.retry_after if isinstance(error, RateLimited) else True

    def _read(self) -> None:
        self._progressed = False
        if self._handoff.refusing:
            return
        try:
            self._connector.open(self._options, self._checkpoint)
            for reading in self._connector.read():
                if not isinstance(reading, Reading):
                    raise TypeError(f"{self._connector.spec.name} yielded a {type(reading).__name__}")
                if not self._handoff.put(reading):
                    return
                if reading.cursor is not None and not self._connector.keeps_place:
                    self._read_to[reading.stream] = reading.cursor
                self._progressed = True
        except Skippable as error:
            # Raised instead of yielded: it is recorded all the same, but the iteration is over.
            self._handoff.put(self._raised(error))
            raise Retriable(error.message, reason=error.reason, detail=error.detail) from error
        finally:
            self._connector.close()

    def _raised(self, error: Skippable) -> Reading:
        name = self._connector.spec.name
        broken = Broken(
            error=error, data=b"", source_id=name, native_id=name, observed_at=utc(datetime.now(UTC))
        )
        return Reading(stream=name, broken=broken)
