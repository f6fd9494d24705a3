"""Every source there is, with how it does: both topics folded as their readers fold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from connectors.sharing.definitions import WrongSource, source_url
from connectors.sharing.fold import Fold, definition_in, state_in
from connectors.sharing.tail import check_partitions
from newswire.ledger.reader import TopicReader
from schemas import ids
from schemas.source import SourceDefinition, SourceHealth, SourceState
from schemas.topics import SOURCE_STATE, SOURCES

__all__ = ["Entry", "Wanted", "find", "is_empty", "read_sources"]

UNKNOWN: Final = SourceHealth()


class Entry(msgspec.Struct, frozen=True):
    """One source, and where its readers stand with it."""

    definition: SourceDefinition
    state: SourceState | None
    """Null where nobody has read it yet."""

    @property
    def health(self) -> SourceHealth:
        """How it does."""
        return UNKNOWN if self.state is None else self.state.health


class Wanted(msgspec.Struct, kw_only=True, frozen=True):
    """Which sources somebody wants to see; what is empty does not choose."""

    health: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Any of these; a tag stands for the folders below it, too."""
    text: str = ""
    """In its address, name, publisher, tags or reason; without regard to case."""

    def takes(self, entry: Entry) -> bool:
        """Whether a source is one of these."""
        return (
            (not self.health or entry.health.status in self.health)
            and (not self.tags or any(_is_under(tag, self.tags) for tag in entry.definition.tags))
            and self.text.casefold() in _text_of(entry)
        )


def read_sources(reader: TopicReader) -> list[Entry]:
    """Read all sources, in the order of their addresses.

    Raises:
        MissingTopic: a topic is missing.
        ConfigError: the topics are not partitioned alike.
        KafkaError: the broker does not answer.
    """
    definitions, states = reader.partitions(SOURCES.name), reader.partitions(SOURCE_STATE.name)
    check_partitions(
        {
            topic: [number for _, number in found]
            for topic, found in ((SOURCES.name, definitions), (SOURCE_STATE.name, states))
        }
    )
    entries: list[Entry] = []
    for definition, state in zip(definitions, states, strict=True):
        fold = Fold()
        both = [definition, state]
        for record in reader.read(reader.begins(both), reader.ends(both)):
            source_id = (record.key or b"").decode("utf-8", "replace")
            if record.topic == SOURCES.name:
                fold.define(source_id, record.value)
            else:
                fold.state(source_id, record.offset, record.value)
        entries += _entries(fold)
    return sorted(entries, key=lambda entry: entry.definition.url)


def _entries(fold: Fold) -> Iterator[Entry]:
    for source_id, value, stored in fold.sources():
        definition = definition_in(source_id, value)
        if definition is not None:
            yield Entry(definition, state_in(definition, None if stored is None else stored.value))


def is_empty(reader: TopicReader) -> bool:
    """Whether nobody has ever defined a source.

    Raises:
        MissingTopic: the topic is missing.
    """
    ends = reader.ends(reader.partitions(SOURCES.name))
    return not any(ends.values())


def find(entries: Iterable[Entry], what: str) -> Entry | None:
    """Return the source that somebody means by its id or its address."""
    try:
        url = source_url(what)
    except WrongSource:
        url = ""
    wanted = {what, ids.source_id("feed", url)}
    return next((each for each in entries if each.definition.source_id in wanted), None)


def _is_under(tag: str, tags: Iterable[str]) -> bool:
    return any(tag == each or tag.startswith(f"{each}/") for each in tags)


def _text_of(entry: Entry) -> str:
    definition = entry.definition
    parts = (
        *(definition.url, definition.name, definition.publisher.name, *definition.tags),
        *(entry.health.reason, definition.source_id),
    )
    return "\n".join(part for part in parts if part).casefold()
