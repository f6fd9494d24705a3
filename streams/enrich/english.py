"""The English model: spaCy cuts a text into tokens and sentences, the trained tagger reads it once, and tables and
rules make of that what the contract asks for.

No parser and no stock recogniser runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import spacy
from spacy.attrs import IS_SPACE
from spacy.language import Language
from spacy.tokens import Doc

from schemas.claim import ModelVersion
from streams.enrich.drafts import ClaimDraft, MentionDraft, Range, Reading
from streams.enrich.layout import pieces
from streams.enrich.merge import merge
from streams.enrich.models import ModelMissingError
from streams.enrich.peoples import find_peoples
from streams.enrich.quotes import find_quotes
from streams.enrich.sentences import to_sentences
from streams.enrich.tagged_claims import claims_of
from streams.enrich.titles import title_before
from streams.tagger.files import WEIGHTS
from streams.tagger.network import NetworkError
from streams.tagger.tagger import Tagged, Tagger

__all__ = ["MAX_TOKENS", "PIECE_CHARS", "EnglishModel", "prepared"]

VERSION: Final = "5"
"""Of what is done here, in merging and in attributes; changes when entities or what is said of claims may."""
PIECE_CHARS: Final = 10_000
"""Longer texts are read in pieces: memory grows with the length of what is read at once."""
MAX_TOKENS: Final = 100_000
"""Of one text, which has some 65,000 at its full length; what has more is no writing, and what is beyond
is not read."""
VOCABULARY: Final = 20_000
"""Words kept from batch to batch, some 15 MB with their strings: what nearly all of a news text is made of."""


class Tags(Protocol):
    """What tags texts."""

    @property
    def version(self) -> str:
        """The network's."""

    @property
    def weights_sha256(self) -> str:
        """The digest of the network's file."""

    def tag(self, text: str) -> Tagged:
        """Tag one text; the same text gives the same answer."""


class EnglishModel:
    """Reads English news."""

    def __init__(self, tagger: Tags) -> None:
        self._tagger = tagger
        self._nlp = spacy.blank("en")
        self._nlp.add_pipe("sentencizer")

    @classmethod
    def load(cls, weights: Path = WEIGHTS) -> EnglishModel:
        """Load the trained network from a folder.

        Raises:
            ModelMissingError: it is not there, or does not fit this code.

        """
        try:
            return cls(Tagger.load(weights))
        except (FileNotFoundError, NetworkError) as error:
            raise ModelMissingError(
                f"no trained tagger in {weights}: install it again, or set enrich_model to another: {error}"
            ) from error

    @property
    def version(self) -> ModelVersion:
        """The network's version and ours; the hash is the network's."""
        return ModelVersion(
            name="english",
            version=f"{self._tagger.version}+{VERSION}",
            weights_sha256=self._tagger.weights_sha256,
        )

    @property
    def languages(self) -> frozenset[str]:
        """English alone."""
        return frozenset(("en",))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read each text, one piece at a time: what it is read together with changes nothing."""
        # Words once seen are quicker to look up; past a bound, what a batch adds is given back behind it.
        full = len(self._nlp.vocab) > VOCABULARY
        with self._nlp.memory_zone() if full else nullcontext():
            return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        mentions: list[MentionDraft] = []
        claims: list[ClaimDraft] = []
        tokens = 0
        partial = None
        for piece in pieces(text, PIECE_CHARS):
            doc = prepared(self._nlp, text[piece.start : piece.end])
            tokens += len(doc)
            if tokens > MAX_TOKENS:
                partial = "token_limit"
                break
            found, named = self._found(doc)
            claims += [claim.moved(piece.start) for claim in found] if piece.start else found
            mentions += [
                MentionDraft(mention.at.moved(piece.start), mention.label, mention.titles)
                for mention in named
            ]
        return Reading(entities=merge(text, mentions), claims=claims, partial=partial)

    def _found(self, doc: Doc) -> tuple[list[ClaimDraft], list[MentionDraft]]:
        text = doc.text
        tagged = self._tagger.tag(text)
        quotes = find_quotes(text)
        sentences = to_sentences(text, [sentence.start_char for sentence in doc.sents], quotes)
        claims = claims_of(text, tagged, sentences, quotes)
        return claims, list(_mentions(text, tagged, [sentence.at for sentence in sentences]))


def prepared(nlp: Language, text: str) -> Doc:
    """Cut *text* into tokens and sentences; a sentence begins wherever a paragraph does."""
    doc = nlp(text)
    if "\n" in text:
        for i in np.flatnonzero(doc.to_array([IS_SPACE])[:-1]):
            if "\n" in doc[int(i)].text:
                doc[int(i) + 1].is_sent_start = True
    return doc


def _mentions(text: str, tagged: Tagged, sentences: Sequence[Range]) -> Iterator[MentionDraft]:
    """Give the names with their titles, events that are no other names, and peoples that are no part of either."""
    starts = {sentence.start for sentence in sentences}
    taken = [name.at for name in tagged.names]
    for at, type_ in tagged.names:
        titles = title_before(text, at.start, starts, taken) if type_ == "person" else ()
        yield MentionDraft(at, type_, titles)
    for at in tagged.events:
        if not any(at.overlaps(other) for other in taken):
            taken.append(at)
            yield MentionDraft(at, "event")
    for at in find_peoples(text):
        if not any(at.overlaps(other) for other in taken):
            yield MentionDraft(at, "group")
