"""The identity of a topic: one that is deleted and created again has another, though its name is the same."""

from __future__ import annotations

from uuid import UUID

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, NoError, for_code

from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from streams.engine.errors import Fatal

__all__ = ["topic_id"]


def topic_id(settings: Settings, topic: str) -> str:
    """Ask the cluster for the id of a topic; all zeros from brokers before 2.8, which have none.

    Raises:
        Fatal: no broker answers, or the topic is not there.
    """
    timeout_ms = int(settings.kafka_request_timeout_s * 1000)
    try:
        admin = KafkaAdminClient(
            **kafka_python_options(settings), request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms
        )
        try:
            (described,) = admin.describe_topics([topic])
        finally:
            admin.close()
    except KafkaError as error:
        raise Fatal(f"{topic} cannot be asked for: {error!r}") from error
    problem = for_code(described["error_code"])
    if problem is not NoError:
        raise Fatal(f"{topic} cannot be asked for: {problem.__name__}")
    return str(described.get("topic_id") or UUID(int=0))
