"""What the enrich stage makes of a text, in the form that it is scored in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from bench.evaluation.samples import Sample
from bench.scoring.claims import Attribution, Spans
from newswire.pipe.stages import as_new
from schemas import Article, Extractor, LanguageTag, UniqueArticle, ids
from schemas.base import Span
from schemas.claim import Claim, ClaimSource
from schemas.enriched import EnrichedArticle
from streams.enrich.enricher import Enricher
from streams.normalize.notices import dateline_of

__all__ = ["NAMED_FORMS", "Extracted", "extract", "judged"]

BATCH: Final = 16
SEEN: Final = "2026-11-24T09:30:00Z"
NAMED_FORMS: Final = frozenset(("name", "acronym", "demonym"))
"""Forms of mentions that count: what labels hold, too."""


class Extracted(msgspec.Struct, frozen=True):
    """What was found in one text."""

    claims: list[Attribution]
    mentions: Mapping[tuple[int, int], str]
    entities: frozenset[tuple[str, str]]
    """Name and type of every entity that the text names."""
    demonyms: frozenset[tuple[int, int]]
    """The mentions that are of that form: "French"."""

    def without_demonyms(self) -> Mapping[tuple[int, int], str]:
        """Return the mentions for a set that does not mark nationalities and the like."""
        return {span: kind for span, kind in self.mentions.items() if span not in self.demonyms}


def extract(enricher: Enricher, samples: Sequence[Sample]) -> list[Extracted]:
    """Enrich the texts of *samples*, in order."""
    articles = [judged(sample) for sample in samples]
    found: list[Extracted] = []
    for first in range(0, len(articles), BATCH):
        batch = articles[first : first + BATCH]
        found += [_extracted(event) for event in enricher.enrich(batch, [1] * len(batch))]
    return found


def judged(sample: Sample) -> UniqueArticle:
    """Return a text as dedupe sends it on."""
    url = f"https://evaluation.example.org/{ids.sha256_hex(sample.name)[:12]}"
    content = ids.content_hash(None, None, sample.text)
    article = Article(
        item_id=ids.item_id("evaluation", url, content, SEEN),
        article_id=ids.article_id(url, "evaluation", url),
        source_id="evaluation",
        source_kind="files",
        native_id=url,
        link_key=url,
        fetched_at=SEEN,
        canonical_url=url,
        text=sample.text,
        text_basis="archive",
        dateline=dateline_of(sample.text),
        language=LanguageTag(tag="en"),
        raw_hash=ids.sha256_hex(sample.text),
        content_hash=content,
        extractor=Extractor(name="plain", version="1"),
    )
    return as_new(article, SEEN)


def _extracted(event: EnrichedArticle) -> Extracted:
    if (event.analysis.claims, event.analysis.entities) != ("done", "done"):
        raise ValueError(f"{event.url}: {event.analysis}")
    mentions = [
        (entity.type, mention)
        for entity in event.entities
        for mention in entity.mentions
        if mention.field == "text" and mention.form in NAMED_FORMS
    ]
    return Extracted(
        claims=[_attribution(claim) for claim in event.claims],
        mentions={(m.start, m.end): kind for kind, m in mentions},
        demonyms=frozenset((m.start, m.end) for _, m in mentions if m.form == "demonym"),
        entities=frozenset((" ".join(entity.name.split()), entity.type) for entity in event.entities),
    )


def _attribution(claim: Claim) -> Attribution:
    said = claim.chain[-1]
    return Attribution(
        content=_spans(claim.content),
        cue=_spans(said.cues),
        source=tuple(sorted(span for source in said.sources for span in _spans(source.spans))),
        nested=claim.parent_claim_id is not None,
        values={
            "kind": claim.kind,
            "source_type": _source_type(said.sources),
            "cue_class": said.cue_class,
            "certainty": claim.certainty,
            "polarity": claim.polarity,
            "stance": claim.stance,
            "force": claim.force,
        },
        originators=tuple(source.name for source in said.sources if source.name),
        verbatim=_spans(claim.verbatim),
        confidence=claim.confidence,
    )


def _spans(spans: Iterable[Span]) -> Spans:
    return tuple((span.start, span.end) for span in spans if span.field == "text")


def _source_type(sources: Sequence[ClaimSource]) -> str:
    return sources[0].type if sources else "none"
