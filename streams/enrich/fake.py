"""A model without a model: runs of capitalised words, quotations without speakers.

For tests of everything around the model, at some microseconds for each article.  Its name says so in every
event it makes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from schemas.claim import ModelVersion
from schemas.vocabulary import MentionForm
from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range, Reading

__all__ = ["FakeModel"]

_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_QUOTE: Final = re.compile(r'[“"]([^“”"\n]+)[”"]')


class FakeModel:
    """Names are capitalised words that open no sentence; every quotation is a claim of nobody's."""

    @property
    def version(self) -> ModelVersion:
        """It has no weights."""
        return ModelVersion(name="fake", version="1")

    @property
    def languages(self) -> frozenset[str]:
        """It claims to read English."""
        return frozenset(("en",))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read each text by itself."""
        return [Reading(entities=_names(text), claims=_quotations(text)) for text in texts]


def _names(text: str) -> list[EntityDraft]:
    found: dict[str, list[tuple[Range, MentionForm]]] = {}
    for match in _NAME.finditer(text):
        found.setdefault(match[0], []).append((Range(match.start(), match.end()), "name"))
    return [
        EntityDraft(name=name, name_key=name.casefold(), type="other", mentions=mentions)
        for name, mentions in found.items()
    ]


def _quotations(text: str) -> list[ClaimDraft]:
    return [
        ClaimDraft(
            content=[at := Range(match.start(1), match.end(1))],
            verbatim=[at],
            context=[Range(match.start(), match.end())],
            link=LinkDraft(),
        )
        for match in _QUOTE.finditer(text)
    ]
