r"""Read records whose header names are not UTF-8.

Kafka's protocol says that a header's name is UTF-8, and no broker checks it.  aiokafka and kafka-python both
raise `UnicodeDecodeError` on one that is not, in the middle of a fetch: nothing after such a record could ever
be read, and whoever may write one record to a topic could stop its readers for good.  Java's client reads such
names with replacements.  Here, bytes that are not UTF-8 become escapes (``\xff``), so that a dead letter still
tells what was there.

Neither client has an option for it, so what their fetchers use is replaced, for the process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, SupportsIndex, overload

__all__ = ["in_aiokafka", "in_kafka_python"]


class _Lenient(bytearray):
    """Bytes whose slices decode whatever they hold."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> _Lenient: ...
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Lenient(found) if isinstance(index, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _Batch(Protocol):
    """What the pure-Python record batches of both clients, of one ancestry, have in common."""

    _buffer: bytearray


def _patient(read: Callable[[Any], Any]) -> Callable[[_Batch], Any]:
    """Wrap a batch's method that reads its next record, and that moves on only when it has read it whole."""

    def read_any(batch: _Batch) -> Any:
        try:
            return read(batch)
        except UnicodeDecodeError:
            batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001 - no option, no argument
            return read(batch)

    return read_any


@cache
def in_kafka_python() -> None:
    """Let every kafka-python consumer of this process read any header name."""
    from kafka.record.default_records import DefaultRecordBatch as Batch

    Batch._read_msg = _patient(Batch._read_msg)  # noqa: SLF001 - nothing public reads one record


@cache
def in_aiokafka() -> None:
    """Let every aiokafka consumer of this process read any header name.

    Its compiled code goes on reading the records; only what is left of a fetch in which that has failed is
    read by aiokafka's own Python code in its place.
    """
    from aiokafka.consumer import fetcher
    from aiokafka.record.default_records import _DefaultRecordBatchPy as Batch

    from newswire.settings.patient_fetches import Fetched, Records

    Batch._read_msg = _patient(Batch._read_msg)  # noqa: SLF001 - nothing public reads one record
    fetcher.MemoryRecords, fetcher.PartitionRecords = Fetched, Records
