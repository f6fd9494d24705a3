"""Entities of one article out of what a model found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schemas import ids
from schemas.base import Span
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity, EntityLink, Mention
from schemas.vocabulary import FIELDS, FieldName, MentionForm
from streams.enrich.drafts import EntityDraft
from streams.enrich.linking import Linker
from streams.enrich.names import one_line
from streams.enrich.repeats import find_repeats, lowered_words
from streams.enrich.spans import Spans

__all__ = ["EntityMaker"]


class EntityMaker:
    """Makes the entities of one article."""

    def __init__(self, article: EnrichedArticle, text: str, spans: Spans) -> None:
        """*text* is the article's as the model saw it."""
        self._article = article
        self._text = text
        self._spans = spans

    def make(self, drafts: Sequence[EntityDraft]) -> list[Entity]:
        """Make the entities; in the description, and in a headline that was not read, they are found by their forms."""
        before = self._mentions_before(drafts)
        total = sum(len(d.mentions) for d in drafts) + sum(len(m) for m in before.values())
        linker = Linker(self._text, drafts)
        return [
            self._entity(draft, before[number], total, linker.link(draft))
            for number, draft in enumerate(drafts)
        ]

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
        fields: tuple[FieldName, ...] = ("description",) if self._spans.shift else ("title", "description")
        for field in fields:
            value = getattr(self._article, field) or ""
            for at, number in find_repeats(value, forms, lowered=lowered):
                name = one_line(value[at.start : at.end])
                found[number].append(_mention(self._spans.cut_of(at, field), how[name]))
        return found

    def _entity(
        self, draft: EntityDraft, before: list[Mention], total: int, link: EntityLink | None
    ) -> Entity:
        article = self._article
        within = [_mention(self._spans.cut(at), form) for at, form in draft.mentions]
        mentions = sorted([*before, *within], key=lambda mention: FIELDS.index(mention.field))
        # What title or description name comes before all of the text.
        earliest = mentions[0].start if mentions[0].field == "text" else 0
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
            link=link,
            title=article.title,
            url=article.canonical_url or article.url,
            published_at=article.published_at.value,
            language=article.language.tag,
        )


def _mention(span: Span, form: MentionForm) -> Mention:
    return Mention(field=span.field, start=span.start, end=span.end, exact=span.exact, form=form)
