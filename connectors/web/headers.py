"""Headers, in both directions: what we send, and what we keep of what came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from connectors.web.decode import ACCEPT_ENCODING
from connectors.web.message import FetchKind, Request

__all__ = ["charset_of", "clean_headers", "media_type_of", "request_headers", "sendable"]

_ACCEPT: Final[dict[FetchKind, str]] = {
    "feed": (
        "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
        "application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
    ),
    "page": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5",
    "robots": "text/plain, */*;q=0.5",
    "sitemap": "application/xml, text/xml, application/gzip;q=0.9, */*;q=0.5",
}
_ALONE: Final = frozenset({"feed", "sitemap"})
"""Kinds that are asked for once in a long while: with a hundred thousand hosts, connections kept for a next
time that never comes would be most of a process' files."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_MEDIA_TYPE: Final = re.compile(r"[!#$&^_.+0-9a-z-]{1,127}/[!#$&^_.+0-9a-z-]{1,127}")
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:+-]{1,40})", re.IGNORECASE)
_DROPPED: Final = frozenset({"set-cookie", "set-cookie2"})
"""No cookie is sent back, so none is kept: they are somebody's session."""
_VALIDATORS: Final = frozenset({"etag", "last-modified"})


def request_headers(request: Request, user_agent: str) -> dict[str, str]:
    """Return the headers of a GET for *request*.  Validators go out byte for byte, or not at all where they
    hold what no header can.
    """
    headers = {
        "User-Agent": user_agent,
        "Accept": _ACCEPT[request.kind],
        "Accept-Encoding": ACCEPT_ENCODING,
    }
    if request.kind in _ALONE:
        headers["Connection"] = "close"
    if request.etag and sendable(request.etag):
        headers["If-None-Match"] = request.etag
    if request.last_modified and sendable(request.last_modified):
        headers["If-Modified-Since"] = request.last_modified
    return headers


def sendable(value: str) -> bool:
    """Tell whether *value* can be sent as a header and means the same bytes on the way back."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return _CONTROL.search(value) is None and value == value.strip(" \t")


def clean_headers(raw: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return headers by lower-case name, joined by ``, ``, and each one's values apart.

    Text is UTF-8 where it is valid UTF-8, else Latin-1; control characters are dropped.  Of repeated
    validators the first counts, and one that is not UTF-8 is left out: it could not be sent back as it is.
    """
    values: dict[str, list[str]] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        if name in _DROPPED or not _NAME.fullmatch(raw_name):
            continue
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            if name in _VALIDATORS:
                continue
            value = raw_value.decode("latin-1")
        values.setdefault(name, []).append(_CONTROL.sub("", value).strip(" \t"))
    joined = {name: found[0] if name in _VALIDATORS else ", ".join(found) for name, found in values.items()}
    return joined, values


def media_type_of(content_type: str | None) -> str | None:
    """Return the media type of a Content-Type in lower case, without parameters; null for garbage."""
    media_type = (content_type or "").partition(";")[0].partition(",")[0].strip().lower()
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else None


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type declares, as declared; null where it declares none."""
    found = _CHARSET.search((content_type or "")[:500])
    return found[1] if found else None
