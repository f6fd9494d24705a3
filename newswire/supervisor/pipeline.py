"""The whole pipeline on one machine: Kafka where none is given, topics, and a worker of each stage or more."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from newswire.broker import DevBroker
from newswire.broker.errors import BrokerError
from newswire.preflight import STAGES, check_broker, check_model
from newswire.settings import Settings
from newswire.supervisor.child import ChildSpec
from newswire.supervisor.errors import Interrupted, SupervisorError
from newswire.supervisor.restarts import RestartPolicy, Restarts
from newswire.supervisor.supervisor import Supervisor
from newswire.topics import ensure_topics

__all__ = ["Pipeline", "stage_specs"]

READY_TIMEOUT_S: Final = 120.0
STOP_GRACE_S: Final = 10.0
"""What a worker may take to stop beyond the time for its events in flight."""
QUIET: Final = ("warning", "error")


def stage_specs(
    settings: Settings, *, enrich_workers: int = 1, connect: bool = False, canary: bool = False
) -> list[ChildSpec]:
    """Return what to start: a worker of each stage, in the order of flow, and *enrich_workers* of enrich;
    with *connect* one that polls sources, too, and with *canary* one that sends canaries.

    They log JSON lines, information and above, to ``<data_dir>/logs``.  Where ``metrics_port`` is set, it
    is the first one's, and the next ones' follow it.
    """
    environ = os.environ | {
        "NEWSWIRE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "NEWSWIRE_LANE": settings.lane,
        "NEWSWIRE_DATA_DIR": str(settings.data_dir.absolute()),
        "NEWSWIRE_METRICS_HOST": settings.metrics_host,
        "NEWSWIRE_LOG_FORMAT": "json",
        "NEWSWIRE_LOG_LEVEL": "info" if settings.log_level in QUIET else settings.log_level,
    }
    stages: list[tuple[str, str]] = [(stage, stage) for stage in STAGES if stage != "enrich"]
    stages += [
        ("enrich", "enrich" if enrich_workers == 1 else f"enrich-{number + 1}")
        for number in range(enrich_workers)
    ]
    commands: list[tuple[tuple[str, ...], str]] = [(("worker", stage), name) for stage, name in stages]
    if connect:
        commands.append((("connect",), "connect"))
    if canary:
        commands.append((("canary",), "canary"))
    first = settings.metrics_port
    return [
        ChildSpec(
            name=name,
            command=(
                *(sys.executable, "-m", "newswire", *command),
                *("--metrics-port", str(first and first + index)),
            ),
            environ=environ,
            log=settings.data_dir.absolute() / "logs" / f"{name}.log",
        )
        for index, (command, name) in enumerate(commands)
    ]


class Pipeline:
    """Starts all, keeps it running by `check`, and stops at the end of its block what it has started.

    Args:
        settings: as they are meant for every process.
        broker: a development broker to use, started and stopped unless it runs already; null where
            ``settings`` name the cluster.
        enrich_workers: how many.
        connect: whether sources are polled.
        canary: whether canaries are sent.
        say: told in a line whatever an operator should know.
        policy: of restarts.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        broker: DevBroker | None = None,
        enrich_workers: int = 1,
        connect: bool = False,
        canary: bool = False,
        say: Callable[[str], None],
        policy: RestartPolicy | None = None,
    ) -> None:
        self.settings = settings
        self.broker = broker
        self.owns_broker = False
        """Whether the broker was started here."""
        self.supervisor: Supervisor | None = None
        self._enrich_workers = enrich_workers
        self.connects = connect
        self._canary = canary
        self._say = say
        self._policy = policy or RestartPolicy()
        self._broker_restarts = Restarts(self._policy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start_kafka(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Start Kafka, or check that it answers, and create the topics that are missing.

        What the workers would miss on this machine is asked first, since it takes no time.

        Raises:
            BrokerError: it cannot be started.
            ConfigError: no answer from the cluster of the settings, or the model is missing.
            KafkaError: it refuses the topics.
            Interrupted: *stop* said so.
        """
        check_model(self.settings.enrich_model)
        if self.broker is not None:
            self.owns_broker = not self.broker.running
            try:
                self.broker.start()
            except BrokerError:
                # Ctrl-C goes to all of the terminal's processes, those that start Kafka among them.
                if stop():
                    raise Interrupted from None
                raise
            if stop():
                raise Interrupted
            self.settings = self.settings.model_copy(update={"kafka_bootstrap": self.broker.bootstrap})
        else:
            check_broker(self.settings)
        for difference in ensure_topics(self.settings).differences:
            self._say(f"not as declared: {difference}")

    def start_workers(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Start all workers and wait until each has its part of the work.

        Raises:
            SupervisorError: one does not start.
            Interrupted: *stop* said so.
        """
        if stop():
            raise Interrupted
        specs = stage_specs(
            self.settings,
            enrich_workers=self._enrich_workers,
            connect=self.connects,
            canary=self._canary,
        )
        self.supervisor = Supervisor(specs, say=self._say, policy=self._policy)
        self.supervisor.start()
        self.supervisor.wait_until_ready(READY_TIMEOUT_S, stop)

    def check(self) -> None:
        """Look at everything once, and start again what has ended.

        Raises:
            SupervisorError: something does not start any more, or ends again and again.
        """
        if self.broker is not None and self.owns_broker and not self.broker.running:
            self._say("Kafka has ended; it starts again")
            if self._broker_restarts.ended(time.monotonic(), 1) is None:
                raise SupervisorError(f"Kafka ends again and again: see {self.broker.layout.log}")
            self.broker.start()
        if self.supervisor is not None:
            self.supervisor.check()

    def close(self) -> None:
        """Stop the workers, then Kafka if it was started here.

        Any exception while that goes on, as a second Ctrl-C is one, ends all at once.
        """
        try:
            if self.supervisor is not None:
                self.supervisor.stop(self.settings.drain_timeout_s + STOP_GRACE_S)
            if self.broker is not None and self.owns_broker:
                self.broker.stop()
        except BaseException:
            if self.broker is not None and self.owns_broker:
                self.broker.kill()
            raise
