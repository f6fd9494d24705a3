"""Which events one wants to see: by entity, source, language and lane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from newswire.ledger.events import event_of
from schemas.base import Event, LanguageTag, Publisher
from schemas.claim import Claim
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from schemas.links import registrable_domain
from schemas.outcome import Outcome
from schemas.sighting import UniqueArticle
from schemas.source import SourceDefinition, SourceState
from streams.engine.records import Record

__all__ = ["Selection"]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that an event must meet, all of them; null for any."""

    entity: str | None = None
    """Part of a name, in any case: of an entity or of a claim's sources; of the title or text of an event
    that no names have been found in."""
    source: str | None = None
    """A source's id, or its outlet's name, domain or family."""
    language: str | None = None
    """BCP 47; ``en`` takes ``en-GB``, too."""
    lane: str | None = None
    canaries: bool = False
    """Whether canaries' events are wanted, too."""

    @property
    def any(self) -> bool:
        """Whether every event meets it, a canary's perhaps left out."""
        return self == Selection(canaries=self.canaries)

    def meets(self, record: Record) -> bool:
        """Tell whether a record's event meets all conditions; what does not decode meets none."""
        if self.any and self.canaries:
            return True
        event = event_of(record)
        if event is None:
            return self.any
        part: Any = event.article if isinstance(event, UniqueArticle) else event
        return (
            (self.canaries or not getattr(part, "synthetic", False))
            and (self.lane is None or getattr(part, "lane", None) == self.lane)
            and (self.language is None or _speaks(part, self.language))
            and (self.source is None or _is_from(part, self.source))
            and (self.entity is None or _names(part, self.entity))
        )


def _speaks(event: Any, language: str) -> bool:
    tag = getattr(event, "language", None)
    if isinstance(tag, LanguageTag):
        tag = tag.tag
    return tag is not None and (tag.lower() + "-").startswith(language.lower() + "-")


def _is_from(event: Any, source: str) -> bool:
    publisher = getattr(event, "publisher", None) or Publisher()
    names = [getattr(event, "source_id", None), publisher.name, publisher.domain, publisher.family]
    if isinstance(event, Entity) and event.url:
        names.append(registrable_domain(event.url))
    return source.casefold() in {name.casefold() for name in names if name}


def _names(event: Event, name: str) -> bool:
    wanted = name.casefold()
    return any(wanted in found.casefold() for found in _names_in(event) if found)


def _names_in(event: Any) -> Iterable[str | None]:
    match event:
        case Outcome() | SourceDefinition() | SourceState():
            return ()
        case Entity():
            return [event.name, *(mention.exact for mention in event.mentions)]
        case EnrichedArticle():
            return [name for entity in event.entities for name in _names_in(entity)]
        case Claim():
            sources = [source for link in event.chain for source in link.sources]
            spans = [span for source in sources for span in (*source.spans, *source.antecedent)]
            return [*(source.name for source in sources), *(span.exact for span in spans)]
    return [getattr(event, field, None) for field in ("title", "description", "text")]
