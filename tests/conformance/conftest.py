"""One connector, one source of known content, one broker."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.framework.checkpoint import Checkpoints, MemoryCheckpoints
from connectors.framework.connector import Reading
from connectors.framework.producer import SinkOptions
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.stop import Stop
from newswire.broker import DevBroker
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW
from schemas.wire import decode
from tests.conformance.rigs import RIGS
from tests.support.brokers import broker_in, consume, settings_for
from tests.support.require import require_kafka


class Trial:
    """A connector with a source of its own, and what became of what it read."""

    def __init__(self, rig: str, directory: Path) -> None:
        self.rig = rig
        self.connector_type = RIGS[rig].connector
        self.directory = directory
        self.source = f"trial-{uuid.uuid4()}"
        self.given: dict[str, Any] = {}
        self.checkpoints = MemoryCheckpoints()
        self.stop = Stop()

    def prepare(self, pieces: Sequence[str]) -> None:
        self.pieces = list(pieces)
        self.given = RIGS[self.rig].options(self.directory, self.source, pieces)

    @property
    def items(self) -> list[str]:
        """Native ids of all items that the source holds, in order."""
        return [f"item-{number}" for number, piece in enumerate(self.pieces) if piece != "broken"]

    def read(self, checkpoint: dict[str, Any] | None = None) -> list[Reading]:
        """Read without sending anything."""
        connector = self.connector_type()
        connector.open(self.connector_type.spec.validate(self.given), checkpoint or {})
        try:
            return list(connector.read())
        finally:
            connector.close()

    def run(
        self,
        broker: DevBroker | None = None,
        *,
        producer: Callable[..., Any] | None = None,
        checkpoints: Checkpoints | None = None,
        progress: Callable[[Report], None] = lambda _report: None,
        unacked_bytes: int | None = None,
        **run_options: Any,
    ) -> Report:
        """Run the connector against a broker or over a producer."""
        options = SinkOptions.of(settings_for(broker)) if broker else SinkOptions(client={})
        if unacked_bytes is not None:
            options = SinkOptions(client=options.client, unacked_bytes=unacked_bytes)
        sink = Sink(options, **({"producer": producer} if producer else {}))
        try:
            return Runner(
                self.connector_type(),
                self.connector_type.spec.validate(self.given),
                sink,
                checkpoints=checkpoints or self.checkpoints,
                stop=self.stop,
                run_options=RunOptions(**run_options),
                progress=progress,
            ).run()
        finally:
            sink.close()

    def start(self, *arguments: Any, **options: Any) -> Run:
        """Run in a thread."""
        return Run(lambda: self.run(*arguments, **options))

    def raw(self, broker: DevBroker) -> list[RawItem]:
        """Return this source's items, in the order of each partition."""
        found = [decode(record.value, RawItem) for record in consume(broker, RAW.name)]
        return [item for item in found if item.source_id == self.source]

    def outcomes(self, broker: DevBroker) -> list[Outcome]:
        """Return this source's outcomes."""
        found = [decode(record.value, Outcome) for record in consume(broker, OUTCOMES.name)]
        return [outcome for outcome in found if outcome.source_id == self.source]

    def letters(self, broker: DevBroker) -> dict[tuple[int, int], bytes]:
        """Return all dead letters by partition and offset."""
        return {
            (record.partition, record.offset): record.value for record in consume(broker, DEAD_LETTER.name)
        }

    def count(self, broker: DevBroker) -> Counter[str]:
        """Count how often each item of the source lies in the raw topic."""
        return Counter(item.native_id for item in self.raw(broker))


class Run:
    """A run in a thread of its own."""

    def __init__(self, run: Callable[[], Report]) -> None:
        self._report: Report | None = None
        self._error: BaseException | None = None
        self._run = run
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._report = self._run()
        except BaseException as error:
            self._error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def result(self, timeout_s: float = 90) -> Report:
        self._thread.join(timeout_s)
        assert not self.running, f"still running after {timeout_s:g} s"
        if self._error is not None:
            raise self._error
        assert self._report is not None
        return self._report


@pytest.fixture(params=list(RIGS))
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    """Each connector in turn."""
    return Trial(request.param, tmp_path)


@pytest.fixture(scope="module")
def rough_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevBroker]:
    """A broker that may be killed and frozen; who does so leaves it running."""
    require_kafka()
    with broker_in(tmp_path_factory.mktemp("rough")) as broker:
        yield broker
