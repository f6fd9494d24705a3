"""Take the fingerprints of a text."""

from __future__ import annotations

import hashlib

from schemas.article import Fingerprints, Sketch
from schemas.limits import MIN_COPY_WORDS
from streams.fingerprints.facts import MOST_FACTS, names, negations_and_spelled, numbers
from streams.fingerprints.hashing import SHINGLE_WORDS, minhash, shingle_hashes
from streams.fingerprints.words import split_words

__all__ = ["fingerprint"]

_MOST_SENTENCES = 20_000
"""Of one sketch; the last one takes all that follows."""


def fingerprint(text: str) -> Fingerprints:
    r"""Take the fingerprints of an article's *text* (the body alone, without its title).

    Everything but ``words`` is null under 30 words: shorter texts are never called copies.

    - ``exact``: SHA-256 of the casefolded ``\w+`` words, joined by line feeds, in UTF-8;
    - ``minhash``: see `streams.fingerprints.hashing`;
    - ``sketch.shingles``: one hash for each word that two more follow, in text order;
    - ``sketch.sentences``: where in them each sentence begins; a sentence's shingles reach two words into
      the next, and the last sentence is left out where it is shorter than a shingle;
    - ``sketch.numbers``, ``names``, ``negations``: see `streams.fingerprints.facts`.

    Whitespace plays no part beyond separating words, nor do Unicode's composed and decomposed forms.
    """
    words = split_words(text)
    folded = words.folded
    if len(folded) < MIN_COPY_WORDS:
        return Fingerprints(words=len(folded))
    shingles = shingle_hashes(folded)
    negations, spelled = negations_and_spelled(folded)
    last = len(folded) - SHINGLE_WORDS
    return Fingerprints(
        words=len(folded),
        exact=hashlib.sha256(b"\n".join(folded)).hexdigest(),
        minhash=minhash(shingles),
        sketch=Sketch(
            shingles=(shingles >> 32).astype("<u4").tobytes(),
            sentences=[start for start in words.sentences if start <= last][:_MOST_SENTENCES],
            numbers=sorted(numbers(words.text) | spelled)[:MOST_FACTS],
            names=sorted(names(words))[:MOST_FACTS],
            negations=negations,
        ),
    )
