"""Source definition (``news.sources``) and source state (``news.source-state``).

Only the operator's command writes definitions; only connector workers write state.
"""

from __future__ import annotations

from typing import Annotated, Any

from schemas.base import Count, Event, Publisher, Timestamp, Uuid, Value, doc
from schemas.vocabulary import Follow, Health, Lane, SourceKind

__all__ = ["Folder", "Seen", "SourceDefinition", "SourceHealth", "SourceState"]


class Folder(Value, kw_only=True, frozen=True):
    """A folder of an operator's list, kept for export."""

    tag: Annotated[str, doc("its path, as in tags", "News/Europe")]
    attributes: Annotated[dict[str, str], doc("what its outline said besides its name")] = {}


class SourceDefinition(Event, kw_only=True, frozen=True):
    """One source that an operator wants read."""

    source_id: Annotated[Uuid, doc("UUIDv5 of connector and URL: the key")]
    kind: Annotated[SourceKind, doc("the connector that reads it")]
    url: Annotated[str, doc("address", "https://example.org/feed.xml")]
    name: Annotated[str | None, doc("for people")] = None
    publisher: Annotated[Publisher, doc("who publishes it")] = Publisher()
    language: Annotated[str | None, doc("BCP 47, where all of it is in one")] = None
    tags: Annotated[list[str], doc("folders and labels of the operator's")] = []
    enabled: Annotated[bool, doc("false stops polling and keeps the state")] = True
    lane: Annotated[Lane, doc("where its items go; a first window is history all the same")] = "live"
    follow: Annotated[Follow, doc("whether the page behind an entry is fetched")] = "teaser"
    min_interval_s: Annotated[Count, doc("never polled more often", unit="seconds")] = 600
    max_interval_s: Annotated[Count, doc("never polled less often", unit="seconds")] = 86_400
    revisit_after_s: Annotated[
        tuple[Count, ...], doc("after the first fetch of a page it is fetched again", unit="seconds")
    ] = (
        3_600,
        21_600,
        86_400,
        259_200,
    )
    allow_hosts: Annotated[list[str], doc("hosts that may resolve to private addresses")] = []
    options: Annotated[dict[str, Any], doc("of the connector, checked against its spec")] = {}
    attributes: Annotated[dict[str, str], doc("unknown OPML attributes, kept for export")] = {}
    folders: Annotated[
        list[Folder],
        doc("of the list it came from: those with attributes around it, and empty ones after it"),
    ] = []
    added_at: Annotated[Timestamp, doc("RFC 3339, UTC")]
    updated_at: Annotated[Timestamp, doc("RFC 3339, UTC")]


class SourceHealth(Value, kw_only=True, frozen=True):
    """How a source does, why and since when."""

    status: Annotated[Health, doc("in a word")] = "unknown"
    reason: Annotated[str | None, doc("in a few words", "403 Forbidden")] = None
    since: Annotated[Timestamp | None, doc("RFC 3339, UTC")] = None
    failures: Annotated[float, doc("weighted failures in a row: soft 0.25, hard 1")] = 0.0
    last_success_at: Annotated[Timestamp | None, doc("RFC 3339, UTC")] = None
    last_item_at: Annotated[Timestamp | None, doc("when it last showed something new; RFC 3339, UTC")] = None


class Seen(Value, kw_only=True, frozen=True):
    """What a source showed lately, so that it is not emitted again."""

    native_ids: Annotated[list[str], doc("hashes of identities, oldest first")] = []
    body_hashes: Annotated[list[str], doc("hashes of the bodies, in the same order")] = []


class SourceState(Event, kw_only=True, frozen=True):
    """Where a connector stands with a source."""

    source_id: Annotated[Uuid, doc("the source: the key")]
    generation: Annotated[int, doc("of the worker's group; an older one's write never wins")]
    worker: Annotated[str, doc("who wrote it")]
    written_at: Annotated[Timestamp, doc("RFC 3339, UTC")]
    etag: Annotated[str | None, doc("byte for byte")] = None
    last_modified: Annotated[str | None, doc("byte for byte")] = None
    current_url: Annotated[str | None, doc("after adopted redirects; null where as defined")] = None
    cursor: Annotated[dict[str, Any], doc("the connector's own checkpoint")] = {}
    seen: Annotated[Seen, doc("window of what it showed")] = Seen()
    interval_s: Annotated[Count | None, doc("adaptive polling interval", unit="seconds")] = None
    next_poll_at: Annotated[Timestamp | None, doc("RFC 3339, UTC")] = None
    health: Annotated[SourceHealth, doc("how it does")] = SourceHealth()
