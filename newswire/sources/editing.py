"""Writing definitions: the one place that does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from connectors.framework.errors import Fatal
from connectors.framework.producer import SinkOptions
from connectors.framework.sink import Refused, Sink
from connectors.sharing.definitions import definition_record, removal_record
from newswire.settings import Settings
from schemas.outcome import Hop
from schemas.source import SourceDefinition
from schemas.topics import SOURCES
from schemas.wire import WireRecord

__all__ = ["Editor", "editing"]


class Editor:
    """Writes definitions and removals, and knows when the broker has them."""

    def __init__(self, sink: Sink, patience_s: float) -> None:
        self._sink = sink
        self._patience_s = patience_s

    def put(self, definitions: Iterable[SourceDefinition]) -> int:
        """Write definitions; return how many once the broker has all of them.

        Raises:
            Fatal: one cannot be delivered.
        """
        return self._write(map(definition_record, definitions))

    def remove(self, definitions: Iterable[SourceDefinition]) -> int:
        """Remove sources; return how many once the broker has all of it.

        Raises:
            Fatal: one cannot be delivered.
        """
        return self._write(map(removal_record, definitions))

    def _write(self, records: Iterable[WireRecord]) -> int:
        count = 0
        for record in records:
            self._sink.send(record, delivered=_nothing, refused=_impossible)
            count += 1
        if not self._sink.drain(self._patience_s):
            raise Fatal(f"Kafka has not confirmed what was written within {self._patience_s:g} s")
        return count


@contextmanager
def editing(settings: Settings) -> Iterator[Editor]:
    """Connect to the cluster for a while.

    Raises:
        Fatal: no broker answers, or the topic is missing.
    """
    sink = Sink(SinkOptions.of(settings))
    try:
        sink.require(SOURCES.name)
        yield Editor(sink, settings.kafka_delivery_timeout_s)
    finally:
        sink.close()


def _nothing(_hop: Hop) -> None:
    """The broker has it."""


def _impossible(why: Refused) -> None:
    raise Fatal(f"the broker refuses a definition: {why}; see what differs with: newswire topics check")
