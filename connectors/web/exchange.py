"""One request and its answer, within limits: no redirects, no manners."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    InvalidURL,
)
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from connectors.web.decode import BadEncoding, Bomb, TooLarge, Unpacker
from connectors.web.guard import RefusedAddress
from connectors.web.headers import clean_headers
from connectors.web.limits import Limits
from connectors.web.message import FetchKind
from connectors.web.target import Target

__all__ = ["Answer", "exchange"]

_OK: Final = frozenset({200, 203})
"""Statuses with a whole document.  202 is what bot checks answer, 206 is a part that nobody asked for."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_QUOTED: Final = re.compile(r"[:,\s]*(?:[\n<]|b['\"]|(?<=[\s:=<])['\"]).*", re.DOTALL)


class Answer(msgspec.Struct, kw_only=True):
    """What came of one request.  ``result`` is that of `connectors.web.message.Response`, but ``redirect``
    for a redirect with a Location.
    """

    result: str
    status: int | None = None
    headers: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    body: bytes = b""
    wire_bytes: int = 0
    detail: str = ""


async def exchange(
    session: ClientSession,
    target: Target,
    headers: Mapping[str, str],
    *,
    kind: FetchKind,
    limits: Limits,
    within_s: float,
) -> Answer:
    """Ask for *target* once; a failure is an answer, too.  Nothing lasts longer than *within_s*."""
    answer = Answer(result="connect")
    try:
        async with (
            asyncio.timeout(within_s),
            session.get(
                target.url,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.first_byte_s),
            ) as response,
        ):
            await _read(response, answer, kind=kind, conditional=_conditional(headers), limits=limits)
    except TimeoutError as error:
        _failed(answer, "timeout", str(error) or f"not over after {limits.total_s:g} s")
    except (ClientError, HttpProcessingError, OSError) as error:
        _failed(answer, _result_of(error), _detail_of(error))
    return answer


async def _read(
    response: ClientResponse, answer: Answer, *, kind: FetchKind, conditional: bool, limits: Limits
) -> None:
    size = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
    if size > limits.headers_bytes:
        response.close()
        _failed(answer, "too_large", f"{size} bytes of headers")
        return
    answer.status = response.status
    answer.headers, answer.values = clean_headers(response.raw_headers)
    if response.status in _REDIRECTS and "location" in answer.headers:
        answer.result = "redirect"
    elif response.status in _REDIRECTS:
        _failed(answer, "redirects", f"a {response.status} that leads nowhere")
    elif response.status == 304:
        answer.result = "not_modified" if conditional else "bad_response"
        answer.detail = "" if conditional else "a 304 to a request without validators"
    elif response.status in _OK:
        await _read_body(response, answer, most=limits.body_bytes(kind), cut=kind == "robots", limits=limits)
    else:
        answer.result = str(response.status)
        answer.detail = (response.reason or "")[:100]
        await _read_error_page(response, answer, limits)


async def _read_body(
    response: ClientResponse, answer: Answer, *, most: int, cut: bool, limits: Limits
) -> None:
    answer.result = "ok"
    unpacker = None
    try:
        unpacker = Unpacker(answer.headers.get("content-encoding", ""), limits, most, cut=cut)
        unpacker.expect(response.content_length)
        while not unpacker.full and (piece := await response.content.readany()):
            unpacker.feed(piece)
        answer.body = unpacker.finish()
    except TooLarge as error:
        _failed(answer, "too_large", str(error))
    except Bomb as error:
        _failed(answer, "bomb", str(error))
    except BadEncoding as error:
        _failed(answer, "bad_response", str(error))
    finally:
        if unpacker is not None:
            answer.wire_bytes = unpacker.wire_bytes
        if not response.content.at_eof():
            response.close()


async def _read_error_page(response: ClientResponse, answer: Answer, limits: Limits) -> None:
    # Whatever is wrong with it, the status is what came of the fetch.
    result, detail = answer.result, answer.detail
    unpacker = None
    try:
        unpacker = Unpacker(answer.headers.get("content-encoding", ""), limits, limits.error_bytes, cut=True)
        while not unpacker.full and (piece := await response.content.readany()):
            unpacker.feed(piece)
    except (TooLarge, Bomb, BadEncoding, ClientError, OSError) as error:
        detail = f"{detail}; its page: {error}"[:200]
    finally:
        if unpacker is not None:
            answer.body, answer.wire_bytes = unpacker.so_far, unpacker.wire_bytes
        if not response.content.at_eof():
            response.close()
    answer.result, answer.detail = result, detail


def _failed(answer: Answer, result: str, detail: str) -> None:
    answer.result, answer.detail, answer.body = result, detail[:200], b""


def _conditional(headers: Mapping[str, str]) -> bool:
    return "If-None-Match" in headers or "If-Modified-Since" in headers


def _result_of(error: BaseException) -> str:
    causes = _causes(error)
    if any(isinstance(cause, RefusedAddress) for cause in causes):
        return "refused_address"
    if any(isinstance(cause, LineTooLong) for cause in causes):
        return "too_large"
    if isinstance(error, ClientConnectorDNSError):
        return "dns"
    if any(isinstance(cause, (ClientSSLError, ssl.SSLError)) for cause in causes):
        return "tls"
    if isinstance(error, InvalidURL):
        return "refused_url"
    if isinstance(error, (ClientResponseError, HttpProcessingError)):
        return "bad_response"
    if isinstance(error, ClientPayloadError) and any(isinstance(c, HttpProcessingError) for c in causes):
        # A body that stops early is a lost connection; one that breaks the framing is no HTTP.
        return "bad_response" if "TransferEncoding" in str(error) else "connect"
    return "connect"


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* and what it came from: aiohttp keeps the cause, or the system's error beside it."""
    found: list[BaseException] = []
    now: BaseException | None = error
    while now is not None and now not in found:
        found.append(now)
        now = now.__cause__ or getattr(now, "os_error", None) or now.__context__
    return found


def _detail_of(error: BaseException) -> str:
    refused = next((cause for cause in _causes(error) if isinstance(cause, RefusedAddress)), None)
    if refused is not None:
        return str(refused).replace("\n", " ")
    text = str(error)
    if isinstance(error, (ClientResponseError, HttpProcessingError, ClientPayloadError)):
        # What a server sent is quoted there, cookies and all.
        text = _QUOTED.sub("", str(getattr(error, "message", text)))
    return f"{type(error).__name__}: {text}".replace("\n", " ")
