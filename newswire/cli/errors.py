"""Errors that a user can mend, in one line."""

from __future__ import annotations

from kafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from connectors.framework.errors import ConnectorError
from newswire.broker.errors import BrokerError
from newswire.ledger.reader import MissingTopic
from newswire.settings import ConfigError, Settings

__all__ = ["CommandError", "explain", "metrics_refused"]


class CommandError(Exception):
    """A command cannot do what it was asked.  The message is one line that says what to do."""


def metrics_refused(settings: Settings, error: OSError) -> CommandError:
    """Return what is said where the address of /metrics cannot be had."""
    where = f"{settings.metrics_host}:{settings.metrics_port}"
    return CommandError(f"metrics cannot be served at {where}: {error.strerror}; set metrics_port")


def explain(error: Exception) -> str | None:
    """Say in one line what to do about the error; null for one that is ours to mend."""
    if isinstance(error, ConfigError | BrokerError | CommandError | ConnectorError | MissingTopic):
        return str(error)
    if isinstance(error, KafkaTimeoutError | KafkaConnectionError):
        return (
            f"no answer from Kafka at {_bootstrap()}: is it up? (newswire kafka start; {_first_line(error)})"
        )
    if isinstance(error, KafkaError):
        return f"Kafka at {_bootstrap()} refuses: {_first_line(error)}"
    return None


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:300] if lines else type(error).__name__


def _bootstrap() -> str:
    from newswire.settings import load_settings

    return load_settings().kafka_bootstrap
