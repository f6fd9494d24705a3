"""One connector, one source of known content, one broker."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.framework.checkpoint import Checkpoints, MemoryCheckpoints
from connectors.framework.connector import Reading
from connectors.framework.producer import SinkOptions
from connectors.framework.records import dead_item
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink
from connectors.framework.stop import Stop
from newswire.broker import DevBroker
from tests.conformance.ledger import Ledger
from tests.conformance.rigs import RIGS
from tests.support.brokers import broker_in, settings_for
from tests.support.require import require_kafka


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over the sockets of failed reconnects, which kafka-python 3.0 leaves to the garbage collector, and
    leave more time than all that is waited for.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))
            item.add_marker(pytest.mark.timeout(900))


class Trial:
    """A connector with a source of its own, and what became of what it read."""

    def __init__(self, rig: str, directory: Path) -> None:
        self.rig = rig
        self.connector_type = RIGS[rig].connector
        self.directory = directory
        directory.mkdir(exist_ok=True)
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
        connected: Callable[[Sink], None] = lambda _sink: None,
        unacked_bytes: int | None = None,
        **run_options: Any,
    ) -> Report:
        """Run the connector against a broker or over a producer."""
        options = SinkOptions.of(settings_for(broker)) if broker else SinkOptions(client={})
        if unacked_bytes is not None:
            options = SinkOptions(client=options.client, unacked_bytes=unacked_bytes)
        sink = Sink(options, **({"producer": producer} if producer else {}))
        connected(sink)
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
        return Run(self, *arguments, **options)

    def broken_ids(self) -> set[str]:
        """Return the ids under which the source's broken pieces end."""
        broken = [one.broken for one in self.read() if one.broken is not None]
        return {dead_item(one, one.error).outcome.item_id for one in broken}


class Run:
    """A run in a thread of its own.  One that is *held* stands still once something is confirmed, until it may
    `go_on`: so it is in the middle for certain, however slow the machine is.
    """

    def __init__(self, trial: Trial, *arguments: Any, held: bool = False, **options: Any) -> None:
        self.trial = trial
        self.go_on = threading.Event()
        if not held:
            self.go_on.set()
        self.told: Report | None = None
        self.looked: int | None = None
        self._report: Report | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, args=arguments, kwargs=options, daemon=True)
        self._thread.start()

    def _work(self, *arguments: Any, **options: Any) -> None:
        try:
            self._report = self.trial.run(
                *arguments, progress=self._tell, connected=self._connected, **options
            )
        except BaseException as error:
            self._error = error

    def _connected(self, sink: Sink) -> None:
        self.sink = sink

    def _tell(self, report: Report) -> None:
        self.told = report
        if report.confirmed:
            self.go_on.wait()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def confirmed(self) -> int:
        """How many items were confirmed when it last told."""
        return self.told.confirmed if self.told else 0

    def result(self, timeout_s: float = 200) -> Report:
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


@pytest.fixture
def trials(tmp_path: Path) -> list[Trial]:
    """All connectors, for what takes so long that they go through it side by side."""
    return [Trial(rig, tmp_path / str(number)) for number, rig in enumerate(RIGS)]


@pytest.fixture
def ledger(kafka: DevBroker) -> Ledger:
    """What is written during the test."""
    return Ledger(kafka)


@pytest.fixture(scope="module")
def rough_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevBroker]:
    """A broker that may be killed and frozen; who does so leaves it running."""
    require_kafka()
    with broker_in(tmp_path_factory.mktemp("rough")) as broker:
        yield broker
