"""What must hold before a worker joins its group: each failure is one line that says what to do.

Faust itself would wait for ever for a broker that is not there, and learn of a missing model only once
partitions are its own.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code

from newswire.settings import ConfigError, Settings
from newswire.settings.clients import kafka_python_options
from schemas.topics import (
    ARTICLE,
    CLAIMS,
    DEAD_LETTER,
    ENRICHED,
    ENTITIES,
    OUTCOMES,
    RAW,
    SIGHTINGS,
    SOURCE_STATE,
    SOURCES,
    UNIQUE,
    Topic,
)
from streams.enrich.models import ENGLISH, FAKE, KNOWN
from streams.tagger.files import WEIGHTS, holds_network

__all__ = ["STAGES", "check_broker", "check_canary", "check_connect", "check_model", "check_worker"]

STAGES: Final = {
    "normalize": (RAW, ARTICLE, OUTCOMES, DEAD_LETTER),
    "dedupe": (ARTICLE, SIGHTINGS, UNIQUE, OUTCOMES, DEAD_LETTER),
    "enrich": (UNIQUE, ENRICHED, CLAIMS, ENTITIES, OUTCOMES, DEAD_LETTER),
}
"""The topics of each stage, its input first."""
CONNECT: Final = (SOURCES, SOURCE_STATE, RAW, OUTCOMES, DEAD_LETTER)
"""The topics of who reads sources."""
CANARY: Final = (RAW, CLAIMS)
"""Where a canary goes in, and where its claim comes out."""
CONNECT_TIMEOUT_S: Final = 8.0
"""A broker that answers at all answers in this time."""


def check_worker(stage: str, settings: Settings) -> None:
    """Check all that a worker of the stage needs.

    Raises:
        ConfigError: something is missing; the message says what to do.
    """
    if stage == "enrich":
        check_model(settings.enrich_model)
    check_broker(settings, STAGES[stage])


def check_connect(settings: Settings) -> None:
    """Check all that a worker that reads sources needs.

    Raises:
        ConfigError: something is missing; the message says what to do.
    """
    check_broker(settings, CONNECT)


def check_canary(settings: Settings) -> None:
    """Check all that a canary needs.

    Raises:
        ConfigError: something is missing; the message says what to do.
    """
    # Canaries are live, whatever else this process' settings are for.
    check_broker(settings.model_copy(update={"lane": "live"}), CANARY)


def check_model(model: str) -> None:
    """Check that a model's files, or the function that makes it, are there, without loading the model.

    Raises:
        ConfigError: they are not.
    """
    module, colon, factory = model.partition(":")
    if colon:
        _check_factory(model, module, factory)
    elif model != FAKE and not holds_network(WEIGHTS if model == ENGLISH else Path(model)):
        raise ConfigError(f"enrich_model is {model}, and there is no network: {KNOWN}")


def check_broker(settings: Settings, topics: tuple[Topic, ...] = ()) -> None:
    """Check that Kafka answers and has the topics, of the settings' lane.

    Raises:
        ConfigError: it does not answer within some eight seconds, refuses, or lacks a topic; or a topic
            that must have one partition has more.
    """
    timeout_ms = int(min(settings.kafka_request_timeout_s, CONNECT_TIMEOUT_S) * 1000)
    where = f"Kafka at {settings.kafka_bootstrap}"
    try:
        admin = KafkaAdminClient(
            **kafka_python_options(settings), request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms
        )
    except KafkaError as error:
        raise ConfigError(
            f"no answer from {where} ({_line(error)}): start it (newswire kafka start), or name another in "
            "kafka_bootstrap"
        ) from error
    try:
        names = [topic.of(settings.lane) for topic in topics]
        described = admin.describe_topics(names) if names else []
    except KafkaError as error:
        raise ConfigError(f"{where} refuses: {_line(error)}") from error
    finally:
        admin.close()
    partitions = {
        each["name"]: len(each["partitions"])
        for each in described
        if for_code(each["error_code"]) is not UnknownTopicOrPartitionError
    }
    for topic in topics:
        name = topic.of(settings.lane)
        if name not in partitions:
            raise ConfigError(f"{where} has no topic {name}: create it with newswire topics create")
        if topic.partitions and partitions[name] != topic.partitions:
            raise ConfigError(
                f"{name} has {partitions[name]} partitions and must have {topic.partitions}: delete it, then "
                "newswire topics create"
            )


def _line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _check_factory(model: str, module: str, factory: str) -> None:
    try:
        found = hasattr(importlib.import_module(module), factory)
    except Exception as error:
        raise ConfigError(
            f"enrich_model is {model}, and {module} cannot be imported: {_line(error)}"
        ) from error
    if not found:
        raise ConfigError(f"enrich_model is {model}, and {module} has no {factory}")
