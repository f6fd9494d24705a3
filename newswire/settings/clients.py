"""What one settings object means to each Kafka client."""

from __future__ import annotations

import ssl
from typing import Any

from newswire.settings import any_header_name
from newswire.settings.load import ConfigError
from newswire.settings.model import Settings

__all__ = ["aiokafka_options", "compression", "faust_options", "kafka_python_options", "ssl_context"]


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Build the TLS context, or null without TLS.  Certificates and host names are always checked.

    Raises:
        ConfigError: a file cannot be loaded.
    """
    if "SSL" not in settings.kafka_security_protocol:
        return None
    try:
        context = ssl.create_default_context(cafile=_text(settings.kafka_ssl_cafile))
        if settings.kafka_ssl_certfile:
            password = settings.kafka_ssl_password
            context.load_cert_chain(
                str(settings.kafka_ssl_certfile),
                _text(settings.kafka_ssl_keyfile),
                password.get_secret_value() if password else None,
            )
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"kafka_ssl_*: {error}") from error
    return context


def kafka_python_options(settings: Settings) -> dict[str, Any]:
    """Return what every kafka-python client takes: brokers and security."""
    any_header_name.in_kafka_python()
    return _common(settings)


def _common(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.kafka_security_protocol.startswith("SASL"):
        options |= _sasl(settings)
    return options


def aiokafka_options(settings: Settings) -> dict[str, Any]:
    """Return what every aiokafka client takes: brokers, security and the request timeout."""
    any_header_name.in_aiokafka()
    return _common(settings) | {"request_timeout_ms": int(settings.kafka_request_timeout_s * 1000)}


def _sasl(settings: Settings) -> dict[str, Any]:
    password = settings.kafka_sasl_password
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
    }


def compression(settings: Settings) -> str | None:
    """Return the compression as clients name it."""
    return None if settings.kafka_compression == "none" else settings.kafka_compression


def faust_options(settings: Settings) -> dict[str, Any]:
    """Return what a Faust app takes: brokers, security and group timing."""
    import faust

    any_header_name.in_aiokafka()
    options: dict[str, Any] = {
        "broker": [f"kafka://{server}" for server in settings.kafka_bootstrap.split(",")],
        "broker_session_timeout": settings.kafka_session_timeout_s,
        "broker_heartbeat_interval": settings.kafka_session_timeout_s / 4,
        "broker_max_poll_interval": settings.kafka_max_poll_interval_s,
        "broker_commit_interval": settings.kafka_commit_interval_s,
        "broker_request_timeout": max(settings.kafka_request_timeout_s, settings.kafka_session_timeout_s + 5),
        "producer_request_timeout": settings.kafka_request_timeout_s,
    }
    context = ssl_context(settings)
    if settings.kafka_security_protocol.startswith("SASL"):
        sasl = _sasl(settings)
        options["broker_credentials"] = faust.SASLCredentials(
            username=sasl["sasl_plain_username"],
            password=sasl["sasl_plain_password"],
            mechanism=sasl["sasl_mechanism"],
            ssl_context=context,
        )
    elif context is not None:
        options["broker_credentials"] = faust.SSLCredentials(context=context)
    return options


def _text(path: object) -> str | None:
    return None if path is None else str(path)
