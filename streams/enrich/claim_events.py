"""Claims of one article out of what a model found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from schemas import ids
from schemas.base import Span
from schemas.claim import Claim, ClaimSource, Link
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from schemas.vocabulary import ClaimKind
from streams.enrich.attributes import Attributes, attributes_of
from streams.enrich.confidence import confidence_of
from streams.enrich.drafts import ClaimDraft, LinkDraft, Range, Reading
from streams.enrich.keys import content_key, quote_key
from streams.enrich.sources import ResolvedSource, Resolver
from streams.enrich.spans import Spans

__all__ = ["ClaimMaker"]

MAX_CHAIN: Final = 4
"""Links from the publication to the originator; deeper nesting is the parser's error."""
MAX_CANDIDATES: Final = 16
"""Claims of one sentence that a claim may stand in."""


class ClaimMaker:
    """Makes the claims of one article."""

    def __init__(self, article: EnrichedArticle, text: str, spans: Spans) -> None:
        """*text* is the article's as the model saw it."""
        self._article = article
        self._text = text
        self._spans = spans

    def make(self, reading: Reading, entities: Sequence[Entity], kept: int) -> Iterator[Claim]:
        """Make the claims one by one, each after the one whose content it stands in.  Only the first *kept*
        of the entities are there to be referred to.
        """
        resolver = Resolver(self._text, reading.entities, reading.claims)
        known = entities[:kept]
        sources = dict(zip(map(id, reading.claims), resolver.resolve_all(), strict=True))
        made: defaultdict[Range, list[tuple[ClaimDraft, Claim]]] = defaultdict(list)
        for draft in sorted(reading.claims, key=_outermost_first):
            place = draft.context[0] if draft.context else draft.content[0]
            before = islice(reversed(made[place]), MAX_CANDIDATES)
            parent = next(
                (c for d, c in before if len(c.chain) < MAX_CHAIN and _stands_in(draft, d)),
                None,
            )
            kind = self._kind(draft)
            attributes = attributes_of(
                self._text,
                draft.content,
                draft.link.cues,
                draft.link.sources,
                quoted=kind == "direct",
                negated=draft.link.negated,
            )
            link = self._link(draft.link, attributes, sources[id(draft)], known)
            claim = self._claim(draft, kind, attributes, link, parent)
            confidence = confidence_of(
                draft,
                sources[id(draft)],
                nested=parent is not None,
                known_cue=attributes.cue_class != "other",
            )
            claim = msgspec.structs.replace(claim, confidence=confidence)
            # Whatever stands in it may begin in any of its sentences.
            for each in draft.context or draft.content[:1]:
                made[each].append((draft, claim))
            yield claim

    def _link(
        self,
        link: LinkDraft,
        attributes: Attributes,
        sources: list[ResolvedSource],
        entities: Sequence[Entity],
    ) -> Link:
        return Link(
            relation="says",
            cues=self._spans.cut_all(link.cues),
            cue_lemma=attributes.cue_lemma,
            cue_class=attributes.cue_class,
            sources=[
                ClaimSource(
                    spans=self._spans.cut_all(source.spans),
                    type=source.type,
                    name=source.name,
                    antecedent=self._spans.cut_all(source.antecedent),
                    entity_id=(
                        None
                        if source.entity is None or source.entity >= len(entities)
                        else entities[source.entity].entity_id
                    ),
                    role=source.role,
                )
                for source in sources
            ],
        )

    def _claim(
        self, draft: ClaimDraft, kind: ClaimKind, attributes: Attributes, link: Link, parent: Claim | None
    ) -> Claim:
        article = self._article
        outer = [msgspec.structs.replace(one, relation="reports") for one in parent.chain] if parent else []
        chain = [*outer, link]
        content, verbatim = self._spans.cut_all(draft.content), self._spans.cut_all(draft.verbatim)
        return Claim(
            claim_id=ids.claim_id(article.revision_id, content, _places(chain)),
            article_id=article.article_id,
            revision_id=article.revision_id,
            revision_number=article.revision_number,
            enrichment_id=article.enrichment_id,
            parent_claim_id=parent.claim_id if parent else None,
            lane=article.lane,
            synthetic=article.synthetic,
            content_key=content_key([span.exact for span in content]),
            quote_key=quote_key([span.exact for span in verbatim]),
            content=content,
            verbatim=verbatim,
            context=self._spans.cut_all(draft.context),
            kind=kind,
            chain=chain,
            polarity=attributes.polarity,
            certainty=attributes.certainty,
            force=attributes.force,
            stance=attributes.stance,
            hedges=self._spans.cut_all(attributes.hedges),
            tense=attributes.tense,
            conditional=attributes.conditional,
            extractor=article.enricher,
            flags=draft.flags,
            title=article.title,
            url=article.canonical_url or article.url,
            publisher=article.publisher,
            published_at=article.published_at.value,
            language=article.language.tag,
        )

    def _kind(self, draft: ClaimDraft) -> ClaimKind:
        """Tell how much of the content is quoted: all its letters and digits, some, or none."""
        if not draft.verbatim:
            return "indirect"
        quoted = 0
        whole = 0
        for at in draft.content:
            whole += sum(map(str.isalnum, self._text[at.start : at.end]))
        for at in draft.verbatim:
            quoted += sum(map(str.isalnum, self._text[at.start : at.end]))
        return "direct" if quoted >= whole else "mixed"


def _places(chain: Sequence[Link]) -> list[Span]:
    return [s for link in chain for s in (*link.cues, *(p for source in link.sources for p in source.spans))]


def _outermost_first(draft: ClaimDraft) -> tuple[int, int, list[Range]]:
    return draft.content[0].start, -draft.content[-1].end, draft.link.cues


def _stands_in(inner: ClaimDraft, outer: ClaimDraft) -> bool:
    parts = [*inner.content, *inner.link.cues]
    return bool(inner.link.cues) and all(
        any(whole.contains(part) for whole in outer.content) for part in parts
    )
