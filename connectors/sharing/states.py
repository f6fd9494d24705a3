"""Checkpoints of shared sources: their states, in ``news.source-state``, each stamped with its generation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from connectors.framework.connector import Cursor
from connectors.framework.errors import Fatal
from connectors.framework.items import utc
from connectors.framework.sink import Refused, Sink
from connectors.sharing.desk import Desk, Repair, Right
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas import ids
from schemas.outcome import Hop
from schemas.topics import SOURCE_STATE
from schemas.wire import WireRecord, event_headers

__all__ = ["KafkaCheckpoints", "state_record"]

_encoder: Final = msgspec.json.Encoder()


class KafkaCheckpoints:
    """`Checkpoints` whose streams are sources and whose cursors are their `SourceState` as builtins.

    What is handed over says where reading goes on, so nothing is loaded here.  A state is written only by who
    owns its source: where the lease is in doubt it waits for the next heartbeat, and where the source has
    another owner it is dropped, since that one reads on from what was written before.
    """

    def __init__(
        self,
        sink: Sink,
        desk: Desk,
        worker: str,
        *,
        hurry: Callable[[], bool] = lambda: False,
        hurried_s: float = 10.0,
    ) -> None:
        """*hurry* says that the run is to end, and that a save may take *hurried_s* seconds at most; else it
        waits until the sink gives up.
        """
        self._sink = sink
        self._desk = desk
        self._worker = worker
        self._hurry = hurry
        self._hurried_s = hurried_s
        self._waiting: dict[str, Cursor] = {}
        self._open = 0
        self._refused: Refused | None = None
        self._gave_up = False

    def load(self) -> dict[str, Cursor]:
        """Return nothing: the book brings each source with its state."""
        return {}

    @property
    def gave_up(self) -> bool:
        """Whether a state was not written, or its delivery not waited for, since the run is to end."""
        return self._gave_up or bool(self._waiting)

    def wanted(self) -> bool:
        """Whether states should be saved now: for a hand-over, because an older owner wrote over them, or
        because the run is to end.
        """
        return self._desk.needs_save or (bool(self._waiting) and self._hurry())

    def save(self, moved: Mapping[str, Cursor]) -> None:
        """Write the states of sources that are ours; returns when the broker has them.

        Raises:
            Fatal: a state can never be delivered.
        """
        asked = self._desk.save_asked
        self._waiting.update(moved)
        for repair in self._desk.repairs():
            if repair.value is None or repair.source_id not in self._waiting:
                self._repair(repair)
        self._write_ours()
        if self._settled() and asked and not self._waiting:
            self._desk.saved(asked)

    def _write_ours(self) -> None:
        for source_id in list(self._waiting):
            right = self._desk.right(source_id)
            if right is True:
                continue
            cursor = self._waiting.pop(source_id)
            if right is False:
                metrics.SHARING_DROPPED.inc()
            else:
                self._write(source_id, cursor, right)

    def _repair(self, repair: Repair) -> None:
        right = self._desk.right_in(repair.part)
        if isinstance(right, bool):
            # Not ours any more, or not surely: then its next state, or its next owner, sets it right.
            metrics.SHARING_DROPPED.inc()
        elif repair.value is None:
            self._send(repair.source_id, removal_record(repair.source_id, right))
        else:
            self._write(repair.source_id, msgspec.json.decode(repair.value, type=dict[str, Any]), right)

    def _write(self, source_id: str, cursor: Cursor, right: Right) -> None:
        self._send(source_id, state_record(source_id, cursor, right, self._worker))

    def _send(self, source_id: str, record: WireRecord) -> None:
        def delivered(hop: Hop) -> None:
            self._open -= 1
            if record.value is not None:
                self._desk.wrote(source_id, hop.offset)

        def refused(why: Refused) -> None:
            self._open -= 1
            self._refused = why

        self._open += 1
        if not self._sink.send(record, delivered=delivered, refused=refused, give_up=self._hurry):
            self._open -= 1
            self._gave_up = True
            log.warning("state_not_sent", source_id=source_id)

    def _settled(self) -> bool:
        """Wait for the broker, and at the end of the run for the lease; false where there was no time for it."""
        deadline: float | None = None
        while self._open or (self._waiting and self._hurry()):
            if deadline is None and self._hurry():
                deadline = time.monotonic() + self._hurried_s
            if deadline is not None and time.monotonic() > deadline:
                self._gave_up = True
                log.warning("states_not_confirmed", states=self._open, not_written=len(self._waiting))
                return False
            self._sink.wait(0.1)
            if deadline is not None:
                self._write_ours()
        if self._refused is not None:
            raise Fatal(
                f"the broker refuses a source's state: {self._refused}; see what differs with: "
                "newswire topics check",
                reason="state_refused",
            )
        return True

    def close(self) -> None:
        """Do nothing: the sink is not ours."""


def state_record(source_id: str, cursor: Cursor, right: Right, worker: str) -> WireRecord:
    """Make the record of a source's state, stamped with who writes it, when, and of which generation."""
    written_at = utc(datetime.now(UTC))
    stamped = {
        **cursor,
        "source_id": source_id,
        "generation": right.epoch,
        "worker": worker,
        "written_at": written_at,
    }
    return _record(source_id, _encoder.encode(stamped), right, written_at)


def removal_record(source_id: str, right: Right) -> WireRecord:
    """Make the tombstone of a removed source's state."""
    return _record(source_id, None, right, utc(datetime.now(UTC)))


def _record(source_id: str, value: bytes | None, right: Right, time: str) -> WireRecord:
    return WireRecord(
        topic=SOURCE_STATE.name,
        key=source_id.encode(),
        value=value,
        partition=right.partition,
        headers=event_headers(
            id=ids.state_event_id(source_id, right.epoch, time),
            type=SOURCE_STATE.ce_type,
            source="/newswire/connect",
            subject=source_id,
            time=time,
        ),
    )
