"""A broker's directory, and the files that configure it."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from newswire.broker.ports import HOST
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.topics import RECORD_OVERHEAD

__all__ = ["BATCH_BYTES", "Layout", "log4j_properties", "server_properties"]

BATCH_BYTES: Final = DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD
"""The largest batch of any topic: one largest record and what a broker counts beside it."""
BATCHES_IN_REQUEST: Final = 8
"""A produce request carries a batch for each of several partitions."""

OF_LISTENERS: Final = frozenset({"listeners", "advertised.listeners", "listener.security.protocol.map"})


class Layout(msgspec.Struct, frozen=True):
    """What lies where in a broker's directory."""

    root: Path

    @property
    def data(self) -> Path:
        """Kafka's own directory: records, offsets, cluster metadata."""
        return self.root / "data"

    @property
    def server(self) -> Path:
        """Kafka's configuration, written at each start."""
        return self.root / "server.properties"

    @property
    def log4j(self) -> Path:
        """How Kafka logs, written at each start."""
        return self.root / "log4j2.properties"

    @property
    def log(self) -> Path:
        """Kafka's log."""
        return self.root / "kafka.log"

    @property
    def output(self) -> Path:
        """What the JVM itself printed since the last start."""
        return self.root / "kafka.out"

    @property
    def state(self) -> Path:
        """The process that runs, or ran last; see `newswire.broker.state`."""
        return self.root / "broker.json"

    @property
    def lock(self) -> Path:
        """Held while a broker is started, stopped or wiped."""
        return self.root / "broker.lock"

    @property
    def formatted(self) -> bool:
        """Whether the data directory belongs to a cluster."""
        return (self.data / "meta.properties").is_file()

    @property
    def held(self) -> bool:
        """Whether a Kafka has the data directory open, whoever started it.

        Kafka locks its directory only after it has opened the cluster's metadata there, and a second one
        has by then damaged what the first one relies on.  So this must be asked before it is started.
        """
        try:
            with (self.data / ".lock").open("rb+") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def wipe(self) -> None:
        """Delete the data and logs; the lock stays."""
        if self.data.exists():
            shutil.rmtree(self.data)
        for path in (self.server, self.log4j, self.log, self.output, self.state):
            path.unlink(missing_ok=True)


def server_properties(
    layout: Layout, port: int, controller_port: int, more: Mapping[str, object] | None = None
) -> str:
    """Render the configuration of one KRaft node that is broker and controller, on loopback.

    Everything has one replica.  Heartbeats are quick, so that a killed broker is back in seconds, and
    groups may use sessions from one second up, so that tests of failures need not wait.  *more* is set, too;
    of what is a list of listeners it is added.
    """
    values: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"{HOST}:{controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": layout.data,
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 500,
        "log.cleaner.dedupe.buffer.size": 10 * 1024 * 1024,
        "message.max.bytes": BATCH_BYTES,
        "replica.fetch.max.bytes": BATCH_BYTES,
        "socket.request.max.bytes": BATCHES_IN_REQUEST * BATCH_BYTES,
    }
    for name, value in (more or {}).items():
        values[name] = f"{values[name]},{value}" if name in OF_LISTENERS else value
    return "".join(f"{name}={_escaped(value)}\n" for name, value in values.items())


def log4j_properties(layout: Layout) -> str:
    """Render Kafka's logging: warnings and worse, in one file that starts anew at 8 MB, twice kept."""
    values = {
        "status": "error",
        "appender.file.type": "RollingFile",
        "appender.file.name": "file",
        "appender.file.fileName": layout.log,
        "appender.file.filePattern": f"{layout.log}.%i",
        "appender.file.layout.type": "PatternLayout",
        "appender.file.layout.pattern": "%d{ISO8601} %p %c{1} %m%n",
        "appender.file.policies.type": "Policies",
        "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
        "appender.file.policies.size.size": "8MB",
        "appender.file.strategy.type": "DefaultRolloverStrategy",
        "appender.file.strategy.max": 2,
        "rootLogger.level": "warn",
        "rootLogger.appenderRef.file.ref": "file",
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in values.items())


def _escaped(value: object) -> str:
    """Escape a value for a Java properties file, whose escape character is the backslash."""
    return "".join(
        f"\\u{unit:04x}" if unit > 126 else ("\\\\" if unit == 0x5C else chr(unit)) for unit in _utf16(value)
    )


def _utf16(value: object) -> list[int]:
    raw = str(value).encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
