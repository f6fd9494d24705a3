"""Events out of what a model found: every field of EnrichedArticle, Claim and Entity is filled here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

import msgspec

from schemas import ids
from schemas.base import Dated, Span
from schemas.claim import Claim, ClaimSource, Link, ModelVersion
from schemas.enriched import Analysis, EnrichedArticle
from schemas.entity import Entity, Mention
from schemas.limits import RECORD_BYTES
from schemas.sighting import UniqueArticle
from schemas.vocabulary import ClaimKind, FieldName, MentionForm, Polarity
from schemas.wire import encode
from streams.enrich.cues import CLASSES, ClassValues
from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range, Reading
from streams.enrich.keys import content_key, quote_key
from streams.enrich.names import one_line
from streams.enrich.repeats import find_repeats, lowered_words
from streams.enrich.sources import ResolvedSource, Resolver

__all__ = ["enriched"]

E = TypeVar("E", Claim, Entity)

RECORD_RESERVE: Final = 128 * 1024
"""Of a record, for its key and headers and for the commas and ids that are not counted."""
CLAIM_SHARE: Final = 0.6
"""Of the room that the article leaves in its record; entities have the rest."""
ID_BYTES: Final = 48
"""A claim's id in ``claim_ids``, with quotation marks and comma."""
MAX_CHAIN: Final = 4
"""Links from the publication to the originator; deeper nesting is the parser's error."""
MAX_CANDIDATES: Final = 16
"""Claims of one sentence that a claim may stand in."""
_PLAIN: Final = ClassValues()


def enriched(
    unique: UniqueArticle,
    attempt: int,
    *,
    version: ModelVersion,
    analysis: Analysis,
    text: str = "",
    reading: Reading | None = None,
) -> EnrichedArticle:
    """Build the event of one judged article.

    *reading* is what the model found in *text*, the article's own as the model saw it, of the same length;
    without a reading there are no claims and entities, and *analysis* says why.  What does not fit a record is
    left out from the end of the text, and *analysis* says partial.

    Raises:
        ValueError: an offset lies outside the text.

    """
    bare = _article(unique, attempt, version, analysis)
    if reading is None:
        return bare
    maker = _Maker(bare, text)
    room = RECORD_BYTES - RECORD_RESERVE - len(encode(bare))
    all_entities = maker.entities(reading.entities)
    entities = _fitting(all_entities, int(room * (1 - CLAIM_SHARE)))
    claims = _fitting(maker.claims(reading, all_entities, len(entities)), int(room * CLAIM_SHARE))
    whole = len(claims) == len(reading.claims), len(entities) == len(reading.entities)
    if reading.partial or not all(whole):
        analysis = Analysis(
            claims="done" if whole[0] and not reading.partial else "partial",
            entities="done" if whole[1] and not reading.partial else "partial",
            reason=reading.partial or "record_limit",
        )
    return msgspec.structs.replace(
        bare,
        analysis=analysis,
        claim_ids=[claim.claim_id for claim in claims],
        claims=claims,
        entities=entities,
    )


def _fitting(events: Iterable[E], limit: int) -> list[E]:
    kept: list[E] = []
    for event in events:
        limit -= len(encode(event)) + ID_BYTES
        if limit < 0:
            break
        kept.append(event)
    return kept


def _article(
    unique: UniqueArticle, attempt: int, version: ModelVersion, analysis: Analysis
) -> EnrichedArticle:
    article, sighting = unique.article, unique.sighting
    withdrawn = sighting.verdict == "withdrawn" or article.gone
    first = sighting.revision_number <= 1
    return EnrichedArticle(
        item_id=sighting.item_id,
        article_id=sighting.article_id,
        revision_id=sighting.revision_id,
        source_id=sighting.source_id,
        native_id=sighting.native_id,
        revision_number=sighting.revision_number,
        previous_revision_id=sighting.previous_revision_id,
        reverts_to=sighting.reverts_to,
        is_late="late" in sighting.flags,
        flags=sighting.flags,
        revision_kind=(
            "withdrawn" if withdrawn else sighting.revision_kind or ("first" if first else "substantive")
        ),
        lane=sighting.lane,
        synthetic=sighting.synthetic,
        attempt=attempt,
        pub_status="canceled" if withdrawn else "usable",
        near_copy_of=sighting.relations[0] if sighting.relations else None,
        publisher=article.publisher,
        url=article.url,
        canonical_url=article.canonical_url,
        alternates=article.alternates,
        title=article.title,
        description=article.description,
        text=article.text,
        text_sha256=ids.sha256_hex(article.text),
        text_basis=article.text_basis,
        truncated=article.truncated,
        extractor=article.extractor,
        form=article.form,
        part_of=article.part_of,
        bylines=article.bylines,
        dateline=article.dateline,
        credits=article.credits,
        published_at=article.published_at,
        modified_at=article.modified_at,
        first_seen_at=Dated(value=sighting.observed_at, from_="item", precision="second"),
        corrections=article.corrections,
        language=article.language,
        rights=article.rights,
        subjects=article.subjects,
        quality=article.quality,
        story_id=sighting.story_id,
        origin=sighting.origin,
        analysis=analysis,
        enrichment_id=ids.enrichment_id(
            sighting.revision_id, version.name, version.version, version.weights_sha256 or ""
        ),
        enricher=version,
    )


class _Maker:
    """Makes the claims and entities of one article."""

    def __init__(self, article: EnrichedArticle, text: str) -> None:
        if len(text) != len(article.text):
            raise ValueError("the model's text is not as long as the article's")
        self._article = article
        self._text = text

    def _span(self, at: Range, field: FieldName = "text") -> Span:
        return Span(field=field, start=at.start, end=at.end, exact=self._exact(at, field))

    def _exact(self, at: Range, field: FieldName) -> str:
        value = getattr(self._article, field) or ""
        if not 0 <= at.start < at.end <= len(value):
            raise ValueError(f"{at} lies outside the {field} of {len(value)} code points")
        exact: str = value[at.start : at.end]
        return exact

    def _spans(self, ranges: Sequence[Range]) -> list[Span]:
        return [self._span(at) for at in ranges]

    def entities(self, drafts: Sequence[EntityDraft]) -> list[Entity]:
        """Make the entities, with their mentions in title and description found by their forms."""
        before = self._mentions_before(drafts)
        total = sum(len(d.mentions) for d in drafts) + sum(len(m) for m in before.values())
        return [self._entity(draft, before[number], total) for number, draft in enumerate(drafts)]

    def _mentions_before(self, drafts: Sequence[EntityDraft]) -> dict[int, list[Mention]]:
        found: defaultdict[int, list[Mention]] = defaultdict(list)
        if not (self._article.title or self._article.description):
            return found
        forms: dict[str, int] = {}
        how: dict[str, MentionForm] = {}
        for number, draft in enumerate(drafts):
            for at, form in draft.mentions:
                name = one_line(self._text[at.start : at.end])
                # A form that two entities share tells nothing.
                forms[name] = number if forms.get(name, number) == number else -1
                how[name] = form
        forms = {name: number for name, number in forms.items() if number >= 0}
        lowered = lowered_words(self._text)
        fields: tuple[FieldName, ...] = ("title", "description")
        for field in fields:
            value = getattr(self._article, field) or ""
            for at, number in find_repeats(value, forms, lowered=lowered):
                name = one_line(value[at.start : at.end])
                found[number].append(_mention(self._span(at, field), how[name]))
        return found

    def _entity(self, draft: EntityDraft, before: list[Mention], total: int) -> Entity:
        article = self._article
        mentions = before + [_mention(self._span(at), form) for at, form in draft.mentions]
        # What title or description name comes before all of the text.
        earliest = 0 if before else draft.mentions[0][0].start
        salience = 0.5 * len(mentions) / total + 0.5 * (1 - earliest / len(article.text))
        return Entity(
            entity_id=ids.entity_id(article.article_id, article.revision_id, draft.type, mentions[0]),
            article_id=article.article_id,
            revision_id=article.revision_id,
            revision_number=article.revision_number,
            enrichment_id=article.enrichment_id,
            lane=article.lane,
            synthetic=article.synthetic,
            name=draft.name,
            name_key=draft.name_key,
            type=draft.type,
            mentions=mentions,
            titles=draft.titles,
            count=len(mentions),
            salience=round(salience, 4),
            country=draft.country,
            title=article.title,
            url=article.canonical_url or article.url,
            published_at=article.published_at.value,
            language=article.language.tag,
        )

    def claims(self, reading: Reading, entities: Sequence[Entity], kept: int) -> Iterator[Claim]:
        """Make the claims one by one, each after the one whose content it stands in.  Only the first *kept*
        of the entities are there to be referred to.
        """
        resolver = Resolver(self._text, reading.entities)
        known = entities[:kept]
        sources = {id(draft): resolver.resolve(draft) for draft in sorted(reading.claims, key=_said_at)}
        made: defaultdict[Range, list[tuple[ClaimDraft, Claim]]] = defaultdict(list)
        for draft in sorted(reading.claims, key=_outermost_first):
            place = draft.context[0] if draft.context else draft.content[0]
            before = islice(reversed(made[place]), MAX_CANDIDATES)
            parent = next(
                (c for d, c in before if len(c.chain) < MAX_CHAIN and _stands_in(draft, d)),
                None,
            )
            link = self._link(draft.link, sources[id(draft)], known)
            claim = self._claim(draft, link, parent)
            made[place].append((draft, claim))
            yield claim

    def _link(self, link: LinkDraft, sources: list[ResolvedSource], entities: Sequence[Entity]) -> Link:
        return Link(
            relation="says",
            cues=self._spans(link.cues),
            cue_lemma=link.cue_lemma,
            cue_class=link.cue_class,
            sources=[
                ClaimSource(
                    spans=self._spans(source.spans),
                    type=source.type,
                    name=source.name,
                    antecedent=self._spans(source.antecedent),
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

    def _claim(self, draft: ClaimDraft, link: Link, parent: Claim | None) -> Claim:
        article = self._article
        outer = [msgspec.structs.replace(one, relation="reports") for one in parent.chain] if parent else []
        chain = [*outer, link]
        content, verbatim = self._spans(draft.content), self._spans(draft.verbatim)
        kind = self._kind(draft)
        values = CLASSES.get(draft.link.cue_class, _PLAIN)
        polarity: Polarity = "affirmed" if kind == "direct" else values.polarity
        certainty = values.certainty
        if draft.link.negated:
            polarity, certainty = "unknown", "uncommitted"
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
            context=self._spans(draft.context),
            kind=kind,
            chain=chain,
            polarity=polarity,
            certainty=certainty,
            force=values.force,
            stance=values.stance,
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


def _mention(span: Span, form: MentionForm) -> Mention:
    return Mention(field=span.field, start=span.start, end=span.end, exact=span.exact, form=form)


def _places(chain: Sequence[Link]) -> list[Span]:
    return [s for link in chain for s in (*link.cues, *(p for source in link.sources for p in source.spans))]


def _said_at(draft: ClaimDraft) -> tuple[Range, Range]:
    """Order claims as a reader meets who says them."""
    return (draft.link.cues or draft.content)[0], draft.content[0]


def _outermost_first(draft: ClaimDraft) -> tuple[int, int, list[Range]]:
    return draft.content[0].start, -draft.content[-1].end, draft.link.cues


def _stands_in(inner: ClaimDraft, outer: ClaimDraft) -> bool:
    parts = [*inner.content, *inner.link.cues]
    return bool(inner.link.cues) and all(
        any(whole.contains(part) for whole in outer.content) for part in parts
    )
