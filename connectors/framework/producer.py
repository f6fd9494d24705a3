"""The kafka-python producer that a sink stands on: its options and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from kafka import KafkaProducer
from kafka import errors as kafka_errors

from connectors.framework.errors import Fatal
from newswire.settings import Settings
from newswire.settings.clients import compression, kafka_python_options
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB
from schemas.topics import RECORD_OVERHEAD

__all__ = ["FATAL", "REFUSED", "SinkOptions", "close", "connect", "require_topic"]

REFUSED: Final = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidRecordError,
)
"""The broker will never take this record, but it will take others."""
FATAL: Final = (
    kafka_errors.AuthorizationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.IllegalStateError,
    kafka_errors.InvalidTopicError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.InvalidRequiredAcksError,
)
"""The broker will take nothing of us."""
METADATA_TIMEOUT_S: Final = 5.0
"""For a broker that answers to know a topic; a missing one is found missing after that."""


class SinkOptions(msgspec.Struct, kw_only=True, frozen=True):
    """What a sink needs to know.  ``client`` is what every kafka-python client takes."""

    client: Mapping[str, Any]
    compression: str | None = "lz4"
    unacked_bytes: int = 64 * MIB
    delivery_timeout_s: float = 120.0
    request_timeout_s: float = 30.0
    connect_timeout_s: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> SinkOptions:
        """Take them from the settings."""
        return cls(
            client=kafka_python_options(settings),
            compression=compression(settings),
            unacked_bytes=settings.connect_unacked_mib * MIB,
            delivery_timeout_s=settings.kafka_delivery_timeout_s,
            request_timeout_s=settings.kafka_request_timeout_s,
            connect_timeout_s=min(10.0, settings.kafka_request_timeout_s),
        )


def connect(options: SinkOptions, producer: Callable[..., Any] = KafkaProducer) -> Any:
    """Return a producer that has found its brokers.

    Raises:
        Fatal: no broker answers, or it does not let us in.
    """
    try:
        return producer(**_producer_options(options))
    except kafka_errors.KafkaError as error:
        servers = ",".join(options.client.get("bootstrap_servers", ()))
        raise Fatal(
            f"no Kafka broker answers at {servers}: start one (newswire kafka start) "
            "or set NEWSWIRE_KAFKA_BOOTSTRAP",
            reason="no_broker",
            detail=repr(error),
        ) from error


def require_topic(producer: Any, topic: str) -> None:
    """Check that *topic* exists, so that no send has to find out.

    Raises:
        Fatal: it does not, or may not be written.
    """
    try:
        producer.partitions_for(topic)
    except kafka_errors.KafkaError as error:
        raise Fatal(
            f"the topic {topic} cannot be written; create it with: newswire topics create",
            reason="no_topic",
            detail=repr(error),
        ) from error


def close(producer: Any, timeout_s: float) -> None:
    """Close a producer, in *timeout_s* if it must be by force."""
    try:
        producer.close(timeout=timeout_s)
    except kafka_errors.KafkaTimeoutError:
        # kafka-python 3.0 gives up closing when its flush times out and leaves its thread running.
        producer._sender.force_close()  # noqa: SLF001


def _producer_options(options: SinkOptions) -> dict[str, Any]:
    return {
        **options.client,
        "client_id": "newswire-connect",
        "enable_idempotence": True,
        "acks": "all",
        "compression_type": options.compression,
        "max_request_size": DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD,
        "batch_size": 256 * 1024,
        "linger_ms": 20,
        "delivery_timeout_ms": int(max(options.delivery_timeout_s, options.request_timeout_s + 1) * 1000),
        "request_timeout_ms": int(options.request_timeout_s * 1000),
        "max_block_ms": int(METADATA_TIMEOUT_S * 1000),
        "bootstrap_timeout_ms": int(options.connect_timeout_s * 1000),
        "reconnect_backoff_max_ms": 2_000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
