"""What is said of claims whose spans are given: gold's content, cue and source in, attributes out.

300 claims drawn at random, each text with all of its claims, since a pronoun is resolved to who spoke before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.evaluation.claim_tables import Pair
from bench.evaluation.samples import polnear_samples
from bench.evaluation.standoff_samples import STANDOFF, labelled_texts, standoff_claim
from bench.scoring.claims import Attribution, Spans
from streams.enrich.attributes import attributes_of
from streams.enrich.dateline import without_dateline
from streams.enrich.drafts import ClaimDraft, LinkDraft, Model, Range
from streams.enrich.layout import model_text
from streams.enrich.quotes import Quote, find_quotes
from streams.enrich.sources import Resolver
from streams.normalize.notices import dateline_of

__all__ = ["ASKED", "Judged", "asked_texts", "cue_words", "judged_spans", "training_cues"]

ASKED: Final = ("cue_class", "source_type", "certainty", "polarity", "stance", "force")
DRAWN: Final = 150
"""Claims drawn of the texts that are labelled as a whole."""
SEED: Final = 20261128


class AskedText(NamedTuple):
    """A text with all its claims, and gold's values of those that were drawn, by their place."""

    text: str
    claims: Sequence[Attribution]
    values: Mapping[int, Mapping[str, str]]


class Judged(NamedTuple):
    """One claim that was drawn."""

    pair: Pair
    cue: str
    """Its words, in lower case."""
    in_table: bool
    """The table of cues has it; without a cue there is nothing to look up."""


def asked_texts(data: Path, folder: Path = STANDOFF) -> list[AskedText]:
    """Return the texts of ``attributes.jsonl`` with all that was drawn there, and those of ``evaluation.jsonl`` with
    150 of their claims.

    Raises:
        bench.evaluation.samples.AbsentError: texts are not there.

    """
    return [*_of_polnear(folder / "attributes.jsonl", data), *_of_whole(folder / "evaluation.jsonl", data)]


def _of_polnear(labels: Path, data: Path) -> Iterator[AskedText]:
    annotated = {sample.name: sample.claims or [] for sample in polnear_samples(data)}
    for one, text in labelled_texts(labels, data):
        claims = annotated[Path(one.file).stem]
        places = {(claim.content, claim.cue, claim.source): place for place, claim in enumerate(claims)}
        drawn = [standoff_claim(claim, one, text) for claim in one.claims]
        yield AskedText(text, claims, {places[d.content, d.cue, d.source]: d.values for d in drawn})


def _of_whole(labels: Path, data: Path) -> Iterator[AskedText]:
    texts = labelled_texts(labels, data)
    every = [(number, place) for number, (one, _) in enumerate(texts) for place in range(len(one.claims))]
    drawn = set(random.Random(SEED).sample(every, min(DRAWN, len(every))))
    for number, (one, text) in enumerate(texts):
        claims = [standoff_claim(claim, one, text) for claim in one.claims]
        values = {place: c.values for place, c in enumerate(claims) if (number, place) in drawn}
        yield AskedText(text, claims, values)


def judged_spans(model: Model, asked: AskedText) -> list[Judged]:
    """Judge the claims that were drawn of one text; who is named in it is the model's."""
    text = without_dateline(model_text(asked.text), dateline_of(asked.text))
    quotes = find_quotes(text)
    (reading,) = model.read([text])
    drafts = [_draft(text, claim, quotes) for claim in asked.claims]
    resolver = Resolver(text, reading.entities, drafts)
    judged: dict[int, Judged] = {}
    for place in sorted(range(len(asked.claims)), key=lambda place: _said_at(asked.claims[place])):
        draft = drafts[place]
        source, *_ = resolver.resolve(draft)
        if place in asked.values:
            link = draft.link
            quoted = _is_quoted(text, draft.content, quotes)
            said = attributes_of(text, draft.content, link.cues, link.sources, quoted=quoted)
            guess = {name: getattr(said, name) for name in ASKED if name != "source_type"}
            pair = Pair(asked.values[place], guess | {"source_type": source.type})
            judged[place] = Judged(pair, cue_words(asked.text, asked.claims[place].cue), said.in_table)
    return [judged[place] for place in sorted(judged)]


def _draft(text: str, claim: Attribution, quotes: Sequence[Quote]) -> ClaimDraft:
    content, cues, sources = (_ranges(spans) for spans in (claim.content, claim.cue, claim.source))
    continues = not cues and not sources and _is_quoted(text, content, quotes)
    return ClaimDraft(
        content=content,
        verbatim=[
            Range(max(part.start, quote.inner.start), min(part.end, quote.inner.end))
            for part in content
            for quote in quotes
            if part.overlaps(quote.inner)
        ],
        link=LinkDraft(cues=cues, sources=sources, continues=continues),
    )


def training_cues(data: Path, folder: Path = STANDOFF) -> frozenset[str]:
    """Return the cues of all that is trained on, in lower case.

    Raises:
        bench.evaluation.samples.AbsentError: the texts are not there.

    """
    cues = {cue_words(s.text, claim.cue) for s in polnear_samples(data, "train") for claim in s.claims or ()}
    for one, text in labelled_texts(folder / "training.jsonl", data):
        cues.update(cue_words(text, tuple(claim.cue)) for claim in one.claims)
    return frozenset(cues)


def cue_words(text: str, spans: Spans) -> str:
    """Return a cue's words, in lower case; empty where it has none but marks."""
    words = " ".join(" ".join(text[start:end].split()) for start, end in spans).lower()
    return words if any(map(str.isalnum, words)) else ""


def _said_at(claim: Attribution) -> tuple[tuple[int, int], Spans]:
    return (claim.cue or claim.content)[0], claim.content


def _ranges(spans: Spans) -> list[Range]:
    return [Range(*span) for span in spans]


def _is_quoted(text: str, content: Sequence[Range], quotes: Sequence[Quote]) -> bool:
    """Tell whether there is a content and all its letters and digits stand in quotation marks."""
    return bool(content) and all(
        any(quote.inner.start <= at < quote.inner.end for quote in quotes)
        for part in content
        for at in range(part.start, part.end)
        if text[at].isalnum()
    )
