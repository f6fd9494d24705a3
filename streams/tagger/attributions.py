"""Attributions out of scores: contents as a chain of tags, and what each points at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.enrich.drafts import Evidence, Range
from streams.tagger.labels import BEGIN, INSIDE, OUTER, OUTSIDE, RESUME, Head, Layer
from streams.tagger.network import NetworkFacts
from streams.tagger.pieces import Pieces
from streams.tagger.scores import Pointing, Scores
from streams.tagger.spans import Words, read_spans
from streams.tagger.viterbi import best_path

__all__ = ["Attribution", "read_attributions"]

LOOSE: Final = np.array([3.0, 0.0, 0.0], np.float32)
"""Taken from a word's scores as a source (outside, begin, inside) where one of its words is one for certain."""
_DASH: Final = re.compile(r"[.,!?…]*[”\"’']?\s*(?:[―—–]|--?)\s*")
SIGNED: Final = 0.9
"""How sure it is at least that who stands behind a dash is the source."""
_NEVER: Final = -10_000.0
MIN_POINTED: Final = 0.1
"""Probability under which a span is not what a content points at."""
NOWHERE_SHARE: Final = 0.5
"""A span is taken if it is at least so probable as nowhere, times this."""
NEXT_SENTENCE: Final = 0.3
FURTHER: Final = 0.1
"""What a source's probability is multiplied by one sentence from the cue, and further away.  On PolNeAR's development
part 0.7 points more sources are right with these two than without.
"""


class Attribution(NamedTuple):
    """One attributed statement; pieces of the text as code points."""

    content: list[Range]
    cue: Range | None
    source: Range | None
    evidence: Evidence


def read_attributions(
    text: str, pieces: Pieces, scores: Scores, facts: NetworkFacts, layer: Layer = OUTER
) -> list[Attribution]:
    """Return the attributions of one text at one depth, in text order."""
    words = pieces.words()
    cues, sources = (read_spans(words, scores.of(head.name)[words]) for head in (layer.cue, layer.source))
    loose = read_spans(words, scores.of(layer.source.name)[words] - LOOSE)
    place = {word: number for number, word in enumerate(words)}
    sentence = _sentences(pieces)
    shares = _shares(scores.of(layer.content.name)[words])
    found: list[Attribution] = []
    for content in _contents(words, scores, layer.content, facts):
        pointing = scores.pointing(layer.cue.name, content[0].first)
        said, cue_probability = _target(pieces, pointing, content, cues)
        home = sentence[[end for part in ([said] if said else content) for end in part]]
        nearness = _nearness(sentence[[span.first for span in sources]], home)
        pointing = scores.pointing(layer.source.name, content[0].first)
        who, source_probability = _target(pieces, pointing, content, sources, nearness)
        who = _grown(who, loose, content)
        if signed := _signed(text, pieces, content[-1], sources):
            who, source_probability = signed, max(source_probability, SIGNED)
        ranges, cue, source = _placed(pieces, content, said, who)
        parts = [(place[part.first], place[part.last]) for part in content]
        evidence = Evidence(*_of_content(shares, parts), cue_probability, source_probability)
        found.append(Attribution(ranges, cue, source, evidence))
    return found


def _shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probabilities of each word's tags, [words, tags], each word taken by itself."""
    grown = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
    probabilities: NDArray[np.float64] = grown / grown.sum(1, keepdims=True)
    return probabilities


def _of_content(shares: NDArray[np.float64], parts: Sequence[tuple[int, int]]) -> tuple[float, float, float]:
    """Return the probability of a content's beginning, of its words and of its end."""
    inside = np.concatenate([1 - shares[first : last + 1, OUTSIDE] for first, last in parts])
    behind = parts[-1][1] + 1
    goes_on = float(shares[behind, INSIDE]) if behind < len(shares) else 0.0
    return float(shares[parts[0][0], BEGIN]), float(inside.mean()), 1 - goes_on


def _contents(words: Sequence[int], scores: Scores, head: Head, facts: NetworkFacts) -> list[list[Words]]:
    """Decode the chain; each content is its parts in text order."""
    start = np.array(facts.start[head.name])
    # Nothing can go on that never began.
    start[[INSIDE, RESUME]] = _NEVER
    given = scores.of(head.name)[words].astype(np.float64)
    tags = best_path(given, np.array(facts.transitions[head.name]), start)
    contents: list[list[Words]] = []
    before = OUTSIDE
    for word, tag in zip(words, tags, strict=True):
        if tag == BEGIN:
            contents.append([Words(word, word)])
        elif tag != OUTSIDE and contents:
            if tag == RESUME or before == OUTSIDE:
                contents[-1].append(Words(word, word))
            else:
                contents[-1][-1] = Words(contents[-1][-1].first, word)
        before = tag
    return contents


def _grown(who: Words | None, loose: Sequence[Words], content: Sequence[Words]) -> Words | None:
    """Return all of a source of which a single word was pointed at: "the couple's neighbour" for "the"."""
    if who is None or who.first != who.last:
        return who
    whole = next((span for span in loose if span.first <= who.first <= span.last), who)
    meets = any(part.first <= whole.last and whole.first <= part.last for part in content)
    return who if meets else whole


def _signed(text: str, pieces: Pieces, end: Words, sources: Sequence[Words]) -> Words | None:
    """Return the source that stands behind a dash right behind a content: in a list of readers' voices the pointer
    would as soon take the name before.
    """
    dash = _DASH.match(text, pieces.span(*end).end)
    if dash is None:
        return None
    return next((span for span in sources if pieces.starts[span.first] == dash.end()), None)


def _sentences(pieces: Pieces) -> NDArray[np.int64]:
    """Return the number of each piece's sentence."""
    return np.repeat(np.arange(len(pieces.units)), [unit.end - unit.start for unit in pieces.units])


def _nearness(sentences: NDArray[np.int64], home: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what the probabilities of spans in these *sentences* are multiplied by."""
    away = np.abs(sentences[:, None] - home).min(1) if len(sentences) else sentences
    return np.array([1.0, NEXT_SENTENCE, FURTHER])[np.minimum(away, 2)]


def _placed(
    pieces: Pieces, content: Sequence[Words], cue: Words | None, source: Words | None
) -> tuple[list[Range], Range | None, Range | None]:
    """Return the parts as code points."""
    return (
        [pieces.span(*part) for part in content],
        pieces.span(*cue) if cue else None,
        pieces.span(*source) if source else None,
    )


def _target(
    pieces: Pieces,
    pointing: Pointing,
    content: Sequence[Words],
    spans: Sequence[Words],
    nearness: NDArray[np.float64] | None = None,
) -> tuple[Words | None, float]:
    """Return what a content points at: the span that gets most of its pointer, else the one word."""
    best, weighed, probability = _best_span(pointing, spans, nearness)
    nowhere = float(pointing.probabilities[0])
    if best is not None and weighed >= max(MIN_POINTED, nowhere * NOWHERE_SHARE):
        return best, probability
    top = int(pointing.probabilities.argmax())
    word = pointing.first + top - 1
    if top and pieces.opens_word[word] and not any(part.first <= word <= part.last for part in content):
        return Words(word, word), float(pointing.probabilities[top])
    return None, 0.0


def _best_span(
    pointing: Pointing, spans: Sequence[Words], nearness: NDArray[np.float64] | None
) -> tuple[Words | None, float, float]:
    """Return the span with the highest probability as weighed by *nearness*, that and the probability itself."""
    summed = np.concatenate(([0.0], np.cumsum(pointing.probabilities[1:])))
    best: Words | None = None
    most = probability = 0.0
    for number, span in enumerate(spans):
        first = max(span.first - pointing.first, 0)
        stop = min(span.last + 1 - pointing.first, len(summed) - 1)
        if first < stop:
            own = float(summed[stop] - summed[first])
            weighed = own if nearness is None else own * float(nearness[number])
            if weighed > most:
                best, most, probability = span, weighed, own
    return best, most, probability
