"""Annotated texts, whatever they come from."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from streams.enrich.drafts import Range
from streams.tagger.labels import EntityType

__all__ = ["Attributed", "Document", "Named"]


class Attributed(msgspec.Struct, frozen=True, kw_only=True):
    """One attribution as annotated: pieces of the text in text order; a content is never empty."""

    content: tuple[Range, ...]
    source: tuple[Range, ...] = ()
    cue: tuple[Range, ...] = ()


class Named(NamedTuple):
    """One name."""

    at: Range
    type: EntityType


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One text with what is known of it; null is "not annotated", empty is "there is none"."""

    name: str
    text: str
    attributions: tuple[Attributed, ...] | None = None
    """Those that stand in no other's content; of others that are given the outermost count."""
    nested: tuple[Attributed, ...] | None = None
    """Those inside the content of another."""
    names: tuple[Named, ...] | None = None
    events: tuple[Range, ...] | None = None
    """Names of events."""

    def with_text(self, text: str) -> Document:
        """Return the same annotations over another text.

        Raises:
            ValueError: it has another length, so that no offset would be true.

        """
        if len(text) != len(self.text):
            raise ValueError(f"{self.name}: a text of {len(text)} for one of {len(self.text)} code points")
        return msgspec.structs.replace(self, text=text)
