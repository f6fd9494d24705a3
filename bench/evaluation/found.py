"""The claims of gold that were found: is it the right name, may it be quoted, how sure was the extractor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from bench.evaluation.claim_tables import Scored
from bench.scoring.claims import Attribution, words
from bench.scoring.figures import Estimate, pooled, share
from bench.scoring.marks import quoted_words

__all__ = ["Found", "found_in", "judged", "kept", "names_agree", "wrong_persons"]

_WORD: Final = re.compile(r"\w+")
_PRONOUNS: Final = frozenset("he she they it i we you him her them us me who himself herself".split())


def names_agree(gold: Sequence[str], guess: Sequence[str]) -> bool:
    """Tell whether there is a guess and every name of it is, word for word, one of gold's or a part of it, or
    the other way round, its first words written in one or in two; of several who speak jointly not all need
    be named.
    """
    return bool(guess) and all(any(_agree(ours, theirs) for ours in gold) for theirs in guess)


def _agree(ours: str, theirs: str) -> bool:
    a, b = _words(ours), _words(theirs)
    return bool(a and b) and (a <= b or b <= a or _opens(ours, theirs) or _opens(theirs, ours))


def _opens(name: str, other: str) -> bool:
    """Tell whether a name is, but for spaces, the other or the first words of it: "Mac Rae" of "MacRae Quill"."""
    joined = "".join(_WORD.findall(name.casefold()))
    return joined in accumulate(_WORD.findall(other.casefold()))


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.casefold())) - {"the"}


class Found(msgspec.Struct, frozen=True):
    """A claim of gold and what was extracted for it."""

    text: str
    gold: Attribution
    guess: Attribution

    @property
    def wording(self) -> str:
        """How gold's source is worded: name, pronoun, description or none."""
        if not self.gold.source:
            return "none"
        worded = {word for start, end in self.gold.source for word in _words(self.text[start:end])}
        if worded <= _PRONOUNS:
            return "pronoun"
        named = {word for name in self.gold.originators for word in _words(name)}
        return "name" if worded & named else "description"

    @property
    def right(self) -> bool:
        """Whether the originator that is named is gold's."""
        return names_agree(self.gold.originators, self.guess.originators)

    @property
    def originator_right(self) -> bool:
        """Whether who uttered it is right: by name; where neither side names anybody, by a word of the source that
        both have, or by none on either side.
        """
        if self.gold.originators or self.guess.originators:
            return self.right
        ours, theirs = (words(self.text, claim.source) for claim in (self.gold, self.guess))
        return bool(ours & theirs) or not (ours or theirs)

    @property
    def names_person(self) -> bool:
        """Whether a person is named as originator."""
        return bool(self.guess.originators) and self.guess.values["source_type"] == "named_person"

    @property
    def exact_quotation(self) -> bool:
        """Whether what may be quoted is what stands in quotation marks, word for word."""
        return quoted_words(self.text, self.gold.content) == words(self.text, self.guess.verbatim)


def found_in(one: Scored) -> list[Found]:
    """Return the claims of gold that were found in a text."""
    return [Found(one.text, gold, guess) for gold, guess in one.pairs()]


def judged(one: Scored) -> list[tuple[float, bool]]:
    """Return, of every claim extracted with a confidence, that and whether content and originator are right."""
    right = {id(f.guess) for f in found_in(one) if f.originator_right}
    return [(guess.confidence, id(guess) in right) for guess in one.guess if guess.confidence is not None]


def wrong_persons(scored: Sequence[Scored], threshold: float | None) -> Estimate:
    """Return how many of the persons named on claims found are the wrong ones, from a confidence on."""
    return pooled(
        [
            [not f.right for f in found_in(one) if f.names_person and _reaches(f.guess, threshold)]
            for one in scored
        ],
        share,
    )


def kept(scored: Sequence[Scored], threshold: float | None) -> Estimate:
    """Return how many of the claims extracted are left from a confidence on."""
    return pooled([[_reaches(claim, threshold) for claim in one.guess] for one in scored], share)


def _reaches(claim: Attribution, threshold: float | None) -> bool:
    return threshold is None or (claim.confidence is not None and claim.confidence >= threshold)
