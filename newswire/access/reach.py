"""Why brokers do not let us in, in one line: the clients themselves only say that nobody answered in time.

A connection is made as a client makes it, with TLS and SASL, to each server of ``kafka_bootstrap`` and then to
the brokers that are named there; what stops it is told.
"""

from __future__ import annotations

import asyncio
import contextlib
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

ANSWER_S: Final = 4.0
"""For a server to let us in, or not."""
IN_ALL_S: Final = 3 * ANSWER_S
"""For all knocks: at the servers that are given, at the brokers that they name, and once more at one that did not
answer, which a machine that stood still for a moment does not either.
"""
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
    until = asyncio.get_running_loop().time() + IN_ALL_S
    found = await _knock_at(servers, options, until)
    let_in = [each for each in found if isinstance(each, list)]
    if not let_in:
        return _first_reason(found)
    others = [each for each in let_in[0] if each not in servers]
    return _first_reason(await _knock_at(others, options, until))


def _server(text: str) -> Server:
    host, _, port = text.strip().rpartition(":")
    return host.strip("[]"), int(port)


def _first_reason(found: Iterable[object]) -> str | None:
    return next((str(each) for each in found if isinstance(each, _Refused)), None)


async def _knock_at(
    servers: Iterable[Server], options: dict[str, Any], until: float
) -> list[list[Server] | BaseException]:
    return await asyncio.gather(*(_let_in(each, options, until) for each in servers), return_exceptions=True)


async def _let_in(server: Server, options: dict[str, Any], until: float) -> list[Server]:
    """Return the brokers that a server names; at one that does not answer, knock once more where time is left.

    Raises:
        _Refused: it turns us away.
        OSError: it is not there.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        with contextlib.suppress(TimeoutError):
            return await _knock(server, options)
        if loop.time() + ANSWER_S > until:
            raise TimeoutError
        return await _knock(server, options)
    except (KafkaError, OSError) as error:
        where = f"Kafka at {server[0]}:{server[1]}"
        refused = _reason(where, error, options, loop.time() - begun)
        if refused is None:
            raise
        raise _Refused(refused) from error


async def _knock(server: Server, options: dict[str, Any]) -> list[Server]:
    connection = AIOKafkaConnection(*server, **options)
    try:
        async with asyncio.timeout(ANSWER_S):
            await connection.connect()
            answer = await connection.send(MetadataRequest([]))
    finally:
        connection.close()
    return [(host, port) for _node, host, port, *_rack in answer.brokers]


def _reason(where: str, error: Exception, options: dict[str, Any], waited_s: float) -> str | None:
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
            return (
                f"{where} does not answer in {protocol} within {waited_s:.0f} s: see kafka_security_protocol"
            )
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
