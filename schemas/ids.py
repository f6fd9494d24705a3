"""Identity: every id is a UUIDv5 of what it identifies, so that a repetition has the same one.

Time of processing, partition, offset and worker never enter an id.  Parts are joined with U+001F, and a
part that holds one has it escaped, so that different parts never give one id.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Final

from schemas.base import Span

NAMESPACE: Final = uuid.UUID("5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21")
"""The root of all newswire ids; changing it changes every id there is."""

_ID: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEPARATOR: Final = "\x1f"
_ESCAPE: Final = "\x1e"


def _kind(name: str) -> bytes:
    return uuid.uuid5(NAMESPACE, name).bytes


_ITEM, _ARTICLE, _REVISION, _CLAIM, _ENTITY, _EVENT, _ENRICHMENT, _SOURCE, _BYTES = map(
    _kind,
    ("item", "article", "revision", "claim", "entity", "event", "enrichment", "source", "bytes"),
)
_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The digit that RFC 9562's variant makes of each."""


def _joined(parts: Sequence[str]) -> bytes:
    joined = _SEPARATOR.join(parts)
    if _ESCAPE in joined or joined.count(_SEPARATOR) >= len(parts):
        joined = _SEPARATOR.join(
            p.replace(_ESCAPE, _ESCAPE + "e").replace(_SEPARATOR, _ESCAPE + "s") for p in parts
        )
    return joined.encode("utf-8", "surrogatepass")


def _uuid5(namespace: bytes, *parts: str) -> str:
    # The same as uuid.uuid5 but for a fraction of its cost; some eight ids are made for each item.
    h = hashlib.sha1(namespace + _joined(parts), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"


def sha256_hex(data: bytes | str) -> str:
    """Hash *data* (text as UTF-8), 64 hexadecimal digits."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def source_id(kind: str, url: str) -> str:
    """Identify a source by its connector and address."""
    return _uuid5(_SOURCE, kind, url)


def item_id(source: str, native_id: str, body_sha256: str, fetched_at: str) -> str:
    """Identify what *source* showed once: the same bytes seen again later are another item.

    *body_sha256* is empty where no body could be had.
    """
    return _uuid5(_ITEM, source, native_id, body_sha256, fetched_at)


def is_uuid(text: str) -> bool:
    """Tell whether a text has the form of our ids: a UUID in lower case."""
    return _ID.fullmatch(text) is not None


def item_id_of_bytes(record: bytes | None) -> str:
    """Identify a record that does not decode by its own bytes; one without a value is none of these."""
    return _uuid5(_BYTES, sha256_hex(record) if record is not None else "")


def article_id(canonical_url: str | None, source: str, native_id: str) -> str:
    """Identify an article by its canonical URL, or without one by its source and native id."""
    if canonical_url:
        return _uuid5(_ARTICLE, "url", canonical_url)
    return _uuid5(_ARTICLE, "native", source, native_id)


def content_hash(title: str | None, description: str | None, text: str) -> str:
    """Hash one content of an article: title, description and text as stored (SHA-256, hexadecimal)."""
    return sha256_hex(_joined((title or "", description or "", text)))


def revision_id(article: str, content: str) -> str:
    """Identify one content of one article."""
    return _uuid5(_REVISION, article, content)


def enrichment_id(revision: str, extractor: str, version: str, weights: str) -> str:
    """Identify what one extractor made of a revision."""
    return _uuid5(_ENRICHMENT, revision, extractor, version, weights)


def _places(spans: Iterable[Span]) -> str:
    return ",".join(f"{s.field}:{s.start}-{s.end}" for s in spans)


def claim_id(revision: str, content: Iterable[Span], chain: Iterable[Span]) -> str:
    """Identify a claim by its revision, the spans of its content and those of its chain."""
    return _uuid5(_CLAIM, revision, _places(content), _places(chain))


def entity_id(article: str, revision: str, type_: str, first_mention: Span) -> str:
    """Identify an entity of one document: two people of one name in two documents are two entities."""
    return _uuid5(_ENTITY, article, revision, type_, _places([first_mention]))


def article_event_id(item: str, extractor: str) -> str:
    """``ce_id`` of an Article."""
    return _uuid5(_EVENT, item, "article", extractor)


def sighting_event_id(item: str, extractor: str) -> str:
    """``ce_id`` of a Sighting."""
    return _uuid5(_EVENT, item, "sighting", extractor)


def unique_event_id(item: str, extractor: str) -> str:
    """``ce_id`` of a UniqueArticle."""
    return _uuid5(_EVENT, item, "unique", extractor)


def enriched_event_id(item: str, enrichment: str, attempt: int) -> str:
    """``ce_id`` of an EnrichedArticle."""
    return _uuid5(_EVENT, item, enrichment, str(attempt))


def outcome_event_id(item: str, attempt: int) -> str:
    """``ce_id`` of an Outcome: one for each attempt at an item."""
    return _uuid5(_EVENT, item, "outcome", str(attempt))


def definition_event_id(source: str, updated_at: str) -> str:
    """``ce_id`` of a SourceDefinition."""
    return _uuid5(_EVENT, source, "definition", updated_at)


def state_event_id(source: str, generation: int, written_at: str) -> str:
    """``ce_id`` of a SourceState."""
    return _uuid5(_EVENT, source, "state", str(generation), written_at)


def part_event_id(enriched_event: str, part: str) -> str:
    """``ce_id`` of a Claim's or Entity's own event: of the EnrichedArticle that holds it and its id."""
    return _uuid5(_EVENT, enriched_event, part)
