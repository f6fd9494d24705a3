"""Definitions as the operator's command writes them: addresses checked, ids, records and removals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from connectors.framework.items import utc
from connectors.sharing.places import route_of
from newswire.telemetry.secrets import without_secrets
from schemas import ids
from schemas.base import Publisher
from schemas.limits import URL_CHARS
from schemas.links import canonical_link, registrable_domain
from schemas.source import SourceDefinition
from schemas.topics import SOURCES
from schemas.vocabulary import CLOSED_LISTS, SourceKind
from schemas.wire import WireRecord, encode, event_headers

__all__ = ["WrongSource", "define", "definition_record", "removal_record", "source_url"]


_WORDS: Final = {
    "kind": CLOSED_LISTS["SourceKind"],
    "lane": CLOSED_LISTS["Lane"],
    "follow": CLOSED_LISTS["Follow"],
}
"""What readers must take whatever it is, and nobody may write."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")


class WrongSource(ValueError):
    """What somebody wants read cannot be a source.  The message is one line that says why."""


def source_url(url: str) -> str:
    """Return the one form of a source's address.

    Scheme and host in lower case and ASCII, without the scheme's own port, user name and fragment.  Path and
    query stay: unlike an article's address, a feed's is one that a server must understand to the letter.

    Raises:
        WrongSource: it is no web address, or longer than `URL_CHARS`.
    """
    url = url.strip().replace(" ", "%20")
    if _CONTROL.search(url) or canonical_link(url) is None:
        long = f"is longer than {URL_CHARS:,} characters" if len(url) > URL_CHARS else "is no web address"
        raise WrongSource(
            f"{without_secrets(url)[:200]!r} {long}: give http:// or https://, a host, and no user name"
        )
    from url_normalize.normalize_host import normalize_host

    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host = normalize_host(parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, {"http": 80, "https": 443}[scheme]} else f":{parts.port}"
    return urlunsplit((scheme, host + port, parts.path or "/", parts.query, ""))


def define(url: str, *, kind: SourceKind = "feed", now: str | None = None, **fields: Any) -> SourceDefinition:
    """Make the definition of a new source; *fields* are those of `SourceDefinition`.

    Raises:
        WrongSource: the address is none, or a field is not what it must be.
    """
    url = source_url(url)
    now = now or utc(datetime.now(UTC))
    fields.setdefault("publisher", Publisher(domain=registrable_domain(url)))
    given = {
        "source_id": ids.source_id(kind, url),
        "kind": kind,
        "url": url,
        "added_at": now,
        "updated_at": now,
    }
    try:
        definition = msgspec.convert(msgspec.to_builtins(given | fields), SourceDefinition)
    except msgspec.ValidationError as error:
        raise WrongSource(f"{without_secrets(url)}: {error}") from error
    for field, words in _WORDS.items():
        value = getattr(definition, field)
        if value not in words:
            raise WrongSource(
                f"{without_secrets(url)}: {field} is none of {', '.join(words)}: {value[:40]!r}"
            )
    if definition.min_interval_s > definition.max_interval_s:
        raise WrongSource(f"{without_secrets(url)}: min_interval_s is more than max_interval_s")
    return definition


def definition_record(definition: SourceDefinition) -> WireRecord:
    """Make the record of a definition."""
    return _record(definition.source_id, definition.url, encode(definition), definition.updated_at)


def removal_record(definition: SourceDefinition) -> WireRecord:
    """Make the tombstone that removes a source."""
    return _record(definition.source_id, definition.url, None, utc(datetime.now(UTC)))


def _record(source_id: str, url: str, value: bytes | None, time: str) -> WireRecord:
    return WireRecord(
        topic=SOURCES.name,
        key=source_id.encode(),
        value=value,
        route_by=route_of(url),
        headers=event_headers(
            id=ids.definition_event_id(source_id, time),
            type=SOURCES.ce_type,
            source="/newswire/sources",
            subject=source_id,
            time=time,
        ),
    )
