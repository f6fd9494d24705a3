"""The spaCy pipeline as a model: names by its recogniser, claims by an extractor over its parse.

What nothing reads is left out of the pipeline (lemmatizer, attribute ruler), and numpy's BLAS takes the
place of blis, which makes it about 1.4 times as fast on one core with the same annotations.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np
import spacy
from spacy.attrs import IS_SPACE
from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from thinc.api import NumpyOps

from schemas.claim import ModelVersion
from streams.enrich.claims import RuleClaims
from streams.enrich.drafts import ClaimDraft, ClaimExtractor, Label, MentionDraft, Range, Reading
from streams.enrich.layout import pieces
from streams.enrich.merge import merge
from streams.enrich.models import ModelMissingError, packages_of
from streams.enrich.names import TITLE_NOUNS, one_line

__all__ = ["PIECE_CHARS", "SpacyModel", "prepared", "use_numpy_blas"]

VERSION: Final = "1"
"""Of what is done here and in merging; changes when entities may."""
PIECE_CHARS: Final = 10_000
"""Longer texts are read in pieces: memory grows with the length of what is parsed at once."""
MAX_TOKENS: Final = 100_000
"""Of one text, which has some 65,000 at its full length; what has more is no writing, and what is beyond
is not read."""
VOCABULARY: Final = 200_000
"""Words kept from batch to batch, some 100 MB with their strings."""
_UNREAD: Final = ("lemmatizer", "attribute_ruler", "senter", "morphologizer", "textcat")
_NEEDED: Final = ("tagger", "parser", "ner")
_NOT_THERE: Final = re.compile(r"\[E050\]")
"""spaCy's error code for a model under whose name there is nothing."""
_LABELS: Final[dict[str, Label]] = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "group",
    "EVENT": "event",
}
"""Recogniser's label to ours; what is not here (dates, amounts, works) is no entity."""


class SpacyModel:
    """Reads English news with a spaCy package."""

    def __init__(self, nlp: Language, claims: ClaimExtractor, version: ModelVersion) -> None:
        self._nlp = nlp
        self._claims = claims
        self._version = version

    @classmethod
    def load(cls, name: str, claims: ClaimExtractor | None = None) -> SpacyModel:
        """Load the spaCy package *name*, or the one of that name that package indexes carry.

        Raises:
            ModelMissingError: it is not installed, or it lacks a component that is needed.

        """
        nlp = _load(name)
        lacking = [pipe for pipe in _NEEDED if pipe not in nlp.pipe_names]
        if lacking:
            raise ModelMissingError(
                f"the spaCy model {name!r} has no {' and no '.join(lacking)}: use another"
            )
        use_numpy_blas(nlp)
        claims = claims or RuleClaims()
        found = claims.version
        return cls(
            nlp,
            claims,
            ModelVersion(
                name=f"{name}+{found.name}",
                version=f"{nlp.meta['version']}+{VERSION}+{found.version}",
                weights_sha256=_weights(nlp, found.weights_sha256),
            ),
        )

    @property
    def version(self) -> ModelVersion:
        """Package, its version, ours and the claim extractor's; the hash is over all weights."""
        return self._version

    @property
    def languages(self) -> frozenset[str]:
        """The package's language."""
        return frozenset((str(self._nlp.lang),))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read each text.

        The pipeline gets one piece at a time: in larger batches the matrices have other shapes and their
        products other last digits, so that, rarely, a text's reading would depend on its neighbours.
        """
        # Words once seen are quicker to look up; past a bound, what a batch adds is given back behind it.
        full = len(self._nlp.vocab) > VOCABULARY
        with self._nlp.memory_zone() if full else nullcontext():
            return self._readings(texts)

    def _readings(self, texts: Sequence[str]) -> list[Reading]:
        mentions: list[list[MentionDraft]] = [[] for _ in texts]
        claims: list[list[ClaimDraft]] = [[] for _ in texts]
        cut_off: set[int] = set()
        for doc, (number, base) in self._nlp.pipe(self._pieces(texts, cut_off), as_tuples=True, batch_size=1):
            mentions[number].extend(_mentions(doc, base))
            found = self._claims.extract(doc)
            claims[number].extend([c.moved(base) for c in found] if base else found)
        return [
            Reading(
                entities=merge(text, mentions[number]),
                claims=claims[number],
                partial="token_limit" if number in cut_off else None,
            )
            for number, text in enumerate(texts)
        ]

    def _pieces(self, texts: Sequence[str], cut_off: set[int]) -> Iterator[tuple[Doc, tuple[int, int]]]:
        """Give the pieces of every text, tokenized, with the text's number and where in it they begin."""
        for number, text in enumerate(texts):
            tokens = 0
            for piece in pieces(text, PIECE_CHARS):
                doc = prepared(self._nlp, text[piece.start : piece.end])
                tokens += len(doc)
                if tokens > MAX_TOKENS:
                    cut_off.add(number)
                    break
                yield doc, (number, piece.start)


def _load(name: str) -> Language:
    for package in packages_of(name):
        try:
            return spacy.load(package, exclude=_UNREAD)
        except Exception as error:
            if not _NOT_THERE.match(str(error)):
                why = str(error).partition("\n")[0] or type(error).__name__
                raise ModelMissingError(
                    f"the spaCy model {name!r} is there and does not load: install it again (make setup brings "
                    f"en_core_web_sm), or set enrich_model to another: {why}"
                ) from error
    raise ModelMissingError(
        f"the spaCy model {name!r} is not installed here: run `make setup`, or set enrich_model to one that "
        f"is (`python -m spacy info` lists them)"
    )


def use_numpy_blas(nlp: Language) -> None:
    """Let every layer of a pipeline multiply its matrices with numpy's BLAS instead of blis."""
    ops = NumpyOps(use_blis=False)
    for _, pipe in nlp.pipeline:
        model: Any = getattr(pipe, "model", None)
        if hasattr(model, "walk"):
            for layer in model.walk():
                layer.ops = ops


def prepared(nlp: Language, text: str) -> Doc:
    """Tokenize *text* and let a sentence begin wherever a paragraph does."""
    doc = nlp.make_doc(text)
    if "\n" in text:
        for i in np.flatnonzero(doc.to_array([IS_SPACE])[:-1]):
            if "\n" in doc[int(i)].text:
                doc[int(i) + 1].is_sent_start = True
    return doc


def _weights(nlp: Language, more: str | None) -> str:
    """Hash the weights of the components in use, the vocabulary's rows and, if any, the extractor's."""
    digest = hashlib.sha256()
    root = Path(str(nlp.path))
    for pipe in sorted(nlp.pipe_names):
        digest.update(pipe.encode() + (root / pipe / "model").read_bytes())
    digest.update((root / "tokenizer").read_bytes() + (more or "").encode())
    return digest.hexdigest()


def _mentions(doc: Doc, base: int) -> Iterator[MentionDraft]:
    for entity in doc.ents:
        label = _LABELS.get(entity.label_)
        if label is not None:
            at = Range(base + entity.start_char, base + entity.end_char)
            titles = _titles(entity) if label == "person" else ()
            yield MentionDraft(at, label, titles)


def _titles(person: Span) -> tuple[str, ...]:
    """Return what stands right before a name and says what its bearer is: ``Foreign Minister``."""
    doc = person.doc
    first = person.start
    # Only the noun next to the name decides: "Ukrainian President", but not "former club Arsenal".
    if not first or doc[first - 1].lower_.strip(".") not in TITLE_NOUNS:
        return ()
    first -= 1
    while first > 0 and _belongs(doc[first - 1], first, person.end):
        first -= 1
    return (one_line(doc[first : person.start].text),)


def _belongs(token: Token, first: int, end: int) -> bool:
    return (
        token.dep_ in {"compound", "amod", "nmod"}
        and not token.is_punct
        and not token.is_space
        and first <= token.head.i < end
    )
