"""Why brokers do not let us in, in one line: the clients themselves only say that nobody answered in time.

A connection is made as a client makes it, with TLS and SASL, to each server of ``kafka_bootstrap`` and then to
the brokers that are named there; what stops it is told.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options

__all__ = ["why_refused"]

ANSWER_S: Final = 6.0
"""For a server to let us in, or not; it is waited for twice."""
OF_TIME: Final = {9: "is not valid yet", 10: "has expired"}
"""OpenSSL's codes of verification: X509_V_ERR_…"""
OF_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
OF_NAME: Final = frozenset({62, 64})

Server = tuple[str, int]


class _Refused(Exception):
    """A server turns us away.  The message is one line that says why, and what to do."""


def why_refused(settings: Settings) -> str | None:
    """Return in one line why we are turned away: by every server of ``kafka_bootstrap``, or by a broker that
    the first of them names to clients.

    Null where we are let in, and where no server is there at all: that may pass, and clients wait for it.

    Raises:
        ConfigError: a certificate or key of ours cannot be loaded.
    """
    return asyncio.run(_why(settings))


async def _why(settings: Settings) -> str | None:
    options = aiokafka_options(settings)
    servers = [_server(each) for each in options.pop("bootstrap_servers")]
    options["request_timeout_ms"] = int(ANSWER_S * 1000)
    found = await _knock_at(servers, options)
    let_in = [each for each in found if isinstance(each, list)]
    if not let_in:
        return _first_reason(found)
    others = [each for each in let_in[0] if each not in servers]
    return _first_reason(await _knock_at(others, options))


def _server(text: str) -> Server:
    host, _, port = text.strip().rpartition(":")
    return host.strip("[]"), int(port)


def _first_reason(found: Iterable[object]) -> str | None:
    return next((str(each) for each in found if isinstance(each, _Refused)), None)


async def _knock_at(servers: Iterable[Server], options: dict[str, Any]) -> list[list[Server] | BaseException]:
    return await asyncio.gather(*(_knock(each, options) for each in servers), return_exceptions=True)


async def _knock(server: Server, options: dict[str, Any]) -> list[Server]:
    """Return the brokers that a server names.

    Raises:
        _Refused: it turns us away.
        OSError: it is not there.
    """
    where = f"Kafka at {server[0]}:{server[1]}"
    connection = AIOKafkaConnection(*server, **options)
    try:
        async with asyncio.timeout(ANSWER_S):
            await connection.connect()
            answer = await connection.send(MetadataRequest([]))
    except (KafkaError, OSError) as error:
        refused = _reason(where, error, options)
        if refused is None:
            raise
        raise _Refused(refused) from error
    finally:
        connection.close()
    return [(host, port) for _node, host, port, *_rack in answer.brokers]


def _reason(where: str, error: Exception, options: dict[str, Any]) -> str | None:
    protocol, mechanism = options["security_protocol"], options.get("sasl_mechanism")
    match error:
        case ssl.SSLCertVerificationError():
            return _of_certificate(where, error.verify_code, error.verify_message)
        case ssl.SSLError():
            return f"{where} and we do not agree on TLS ({error.reason}): see kafka_ssl_certfile"
        case SaslAuthenticationFailed():
            user = options["sasl_plain_username"]
            return f"{where} does not let user {user} in: kafka_sasl_username or kafka_sasl_password is wrong"
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return f"{where} takes no {mechanism}: set kafka_sasl_mechanism or kafka_security_protocol"
        case TimeoutError():
            return f"{where} does not answer in {protocol} within {ANSWER_S:g} s: see kafka_security_protocol"
        case KafkaConnectionError() | ConnectionResetError():
            return f"{where} closes the connection: does it speak {protocol}? Set kafka_security_protocol"
    return None


def _of_certificate(where: str, code: int, said: str) -> str:
    said = said.rstrip(".")
    if code in OF_TIME:
        return f"the certificate of {where} {OF_TIME[code]}: have it renewed"
    if code in OF_NAME:
        return f"the certificate of {where} is for another host ({said}): name the broker as its certificate does"
    if code in OF_ISSUER:
        return f"the certificate of {where} is of an authority we do not know ({said}): set kafka_ssl_cafile"
    return f"the certificate of {where} is not valid: {said}"
