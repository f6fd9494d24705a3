"""The enrich stage as a function: judged articles in, enriched articles out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.claim import ModelVersion
from schemas.enriched import Analysis, EnrichedArticle
from schemas.sighting import UniqueArticle
from streams.enrich.dateline import with_place
from streams.enrich.drafts import Model
from streams.enrich.events import enriched
from streams.enrich.given import given
from streams.enrich.models import ENGLISH, load_model

__all__ = ["Enricher", "failed"]

_WARM_UP: Final = (
    "Ada Quill, the mayor of Harbourtown, said that the bridge would open in May.\n“At last,” she added."
)
_DONE: Final = Analysis(claims="done", entities="done")
_NOBODY: Final = ModelVersion(name="none", version="1")


class Enricher:
    """Enriches articles with one model, loaded once in each process."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(cls, model: str = ENGLISH) -> Enricher:
        """Load a model by name: ``english``, ``fake`` or ``package.module:factory``.

        Raises:
            streams.enrich.models.ModelMissingError: there is none; the message says what to do.

        """
        return cls(load_model(model))

    @property
    def version(self) -> ModelVersion:
        """What stands as ``enricher`` in every event."""
        return self._model.version

    def warm_up(self) -> None:
        """Read one short text, so that the first article finds everything in memory."""
        self._model.read([_WARM_UP])

    def enrich(self, batch: Sequence[UniqueArticle], attempts: Sequence[int]) -> list[EnrichedArticle]:
        """Enrich articles: one event for each, in order, the same whatever it is enriched together with.

        Withdrawn articles and those without text are not read (there is nothing to miss, so their analysis
        is done), nor those in a language that the model cannot read; a language that nobody could tell is
        taken for the model's.
        """
        unread = [self._unread(unique) for unique in batch]
        read = [u.article for u, why in zip(batch, unread, strict=True) if why is None]
        texts = [given(article) for article in read]
        found = iter(zip(texts, self._model.read([one.seen for one in texts]) if texts else (), strict=True))
        version = self._model.version
        events: list[EnrichedArticle] = []
        for unique, attempt, why in zip(batch, attempts, unread, strict=True):
            if why is not None:
                events.append(enriched(unique, attempt, version=version, analysis=why))
            else:
                read_of, reading = next(found)
                places = with_place(reading.entities, unique.article.dateline, read_of.shift)
                reading = msgspec.structs.replace(reading, entities=places)
                events.append(
                    enriched(
                        unique, attempt, version=version, analysis=_DONE, text=read_of.text, reading=reading
                    )
                )
        return events

    def failed(self, unique: UniqueArticle, attempt: int, reason: str) -> EnrichedArticle:
        """As the function `failed`, in this model's name."""
        return _failed(unique, attempt, reason, self._model.version)

    def _unread(self, unique: UniqueArticle) -> Analysis | None:
        """Return what is said of an article that the model does not read, null where it does."""
        article = unique.article
        if unique.sighting.verdict == "withdrawn" or article.gone:
            return Analysis(claims="done", entities="done", reason="withdrawn")
        if not article.text or article.text.isspace():
            return Analysis(claims="done", entities="done", reason="no_text")
        tag = article.language.tag
        if tag and tag.lower().partition("-")[0] not in {*self._model.languages, "und"}:
            return Analysis(claims="unsupported_language", entities="unsupported_language")
        return None


def failed(unique: UniqueArticle, attempt: int, reason: str) -> EnrichedArticle:
    """Build the event of an article that no model could read: its copies refer to it all the same.

    *reason* is low-cardinality.  No model is named, since none is loaded where this is needed.
    """
    return _failed(unique, attempt, reason, _NOBODY)


def _failed(unique: UniqueArticle, attempt: int, reason: str, version: ModelVersion) -> EnrichedArticle:
    analysis = Analysis(claims="failed", entities="failed", reason=reason)
    return enriched(unique, attempt, version=version, analysis=analysis)
