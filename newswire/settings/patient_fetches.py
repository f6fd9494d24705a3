"""What aiokafka's fetcher reads fetches with, where a record that its compiled code cannot read stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

__all__ = ["Fetched", "Records"]

_WITH_HEADERS: Final = 2
"""The first of Kafka's record formats ("magic") in which records have headers."""


class Fetched(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches of one fetch, each of which compiled code reads; it knows where the latest begins."""

    _buffer: bytes
    _pos: int
    """Where the batch after the next one begins."""
    _next_slice: memoryview | None
    _begin = 0

    def next_batch(self) -> Any:
        """Return the next batch, null after the last."""
        self._begin = self._pos - len(self._next_slice or b"")
        return super().next_batch()

    def again(self) -> _Slow:
        """Return the latest batch and all after it, for Python code to read."""
        return _Slow(self._buffer[self._begin :])


class _Slow(_MemoryRecordsPy):  # type: ignore[misc]
    """Batches that Python code reads."""

    _next_slice: memoryview | None

    def next_batch(self) -> Any:
        """Return the next batch, null after the last."""
        upcoming = self._next_slice
        batch = super().next_batch()
        return batch if batch is None or batch.magic < _WITH_HEADERS else _DefaultRecordBatchPy(upcoming)


class Records(PartitionRecords):  # type: ignore[misc]
    """The records of one fetch; where compiled code fails on one, Python code goes on from its batch.

    What had been given of that batch is passed over by its offsets, as after any fetch that begins within one.
    """

    _records: Any

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            self._records = self._records.again()
            yield from super()._unpack_records()
