"""Mentions while they are being sorted, and what they come to be sorted into."""

from __future__ import annotations

from schemas.vocabulary import EntityType, MentionForm
from streams.enrich.drafts import Label, Range
from streams.enrich.names import name_words

__all__ = ["Entity", "Mention"]


class Mention:
    """One mention while it is being sorted."""

    __slots__ = ("at", "form", "name", "titles", "type", "words")

    def __init__(
        self,
        at: Range,
        name: str,
        type_: Label | EntityType,
        titles: tuple[str, ...] = (),
        form: MentionForm = "name",
    ) -> None:
        self.at = at
        self.name = name
        self.type: Label | EntityType = type_
        self.titles = titles
        self.form = form
        self.words = name_words(name)


class Entity:
    """Mentions that are one entity."""

    __slots__ = ("country", "home", "mentions", "type", "words")

    def __init__(self, type_: Label | EntityType, words: tuple[str, ...], country: str | None = None) -> None:
        # A people or party that is no country's is none of our types.
        self.type: EntityType = "other" if type_ == "group" else type_
        self.words = words
        self.country = country
        self.home: str | None = None
        """The name of a country, region or state that may be named by its people or in short alone."""
        self.mentions: list[Mention] = []

    def add(self, mention: Mention) -> None:
        """Add a mention; the longest name is what others are compared with."""
        self.mentions.append(mention)
        if mention.form == "name" and len(mention.words) > len(self.words):
            self.words = mention.words

    def name(self) -> str:
        """Return the fullest form: a name before an acronym, most words, mixed case, longest; where only the people
        is named, its country's name.
        """
        order = {"name": 0, "acronym": 1, "demonym": 2}
        fullest = min(
            self.mentions,
            key=lambda m: (order[m.form], -len(m.words), m.name.isupper(), -len(m.name), m.at),
        )
        return self.home if self.home and fullest.form == "demonym" else fullest.name
