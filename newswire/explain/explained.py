"""An enriched article as a reader is shown it: marked text, numbered claims, entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from newswire.explain.marks import Mark, Piece, marks_of, pieces_of
from newswire.ledger.claim_words import ClaimWords, claim_words
from newswire.ledger.text import clean, words_of
from schemas.base import Span
from schemas.claim import Claim
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from schemas.vocabulary import FIELDS

__all__ = ["Explained", "ExplainedClaim", "ExplainedEntity", "explained", "usual"]


class ExplainedClaim(ClaimWords, frozen=True, kw_only=True):
    """One claim in words, with the number that its marks carry."""

    number: str
    """``2``; of a claim within claim 2 ``2.1``."""
    depth: int
    """0 for a claim that stands in no other."""
    kind: str
    links: list[str]
    """The chain, outermost first: who, by which words, of what class and kind."""
    attributes: list[tuple[str, str]]
    """What else is known of it, by the names of the contract."""


class ExplainedEntity(msgspec.Struct, frozen=True, kw_only=True):
    """One entity."""

    name: str
    type: str
    count: int
    forms: list[str]
    """As the article writes it, other than the name."""
    notes: list[str]
    """Country, titles, link."""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One article, ready to be shown."""

    title: list[Piece]
    description: list[Piece]
    text: list[Piece]
    facts: list[tuple[str, str]]
    claims: list[ExplainedClaim]
    """In the order of the text; what stands in a claim follows it."""
    entities: list[ExplainedEntity]
    """The most salient first."""
    state: str
    """Whether claims and entities were looked for: ``done``, or what went wrong."""


_USUAL: Final = {"polarity": "affirmed", "stance": "neutral", "force": "assertion"}


def usual(name: str, value: str) -> bool:
    """Tell whether an attribute says what it says of most claims, or the same of all in an article."""
    return _USUAL.get(name) == value or name == "extractor"


def explained(article: EnrichedArticle) -> Explained:
    """Number an article's claims and mark them in its text."""
    numbers = _numbers(article.claims)
    claims = sorted(article.claims, key=lambda claim: _order(numbers[claim.claim_id]))
    fields = {
        field: pieces_of(getattr(article, field) or "", _marks(claims, article.entities, numbers, field))
        for field in FIELDS
    }
    return Explained(
        **fields,
        facts=_facts(article),
        claims=[_claim(claim, numbers[claim.claim_id]) for claim in claims],
        entities=[_entity(each) for each in sorted(article.entities, key=lambda one: -one.salience)],
        state=_state(article),
    )


def _numbers(claims: Iterable[Claim]) -> dict[str, str]:
    """Number claims by their first piece of content; a claim whose parent is not there stands by itself."""
    claims = sorted(claims, key=_place)
    known = {claim.claim_id for claim in claims}
    inside: dict[str | None, list[str]] = {}
    for claim in claims:
        parent = claim.parent_claim_id if claim.parent_claim_id in known else None
        inside.setdefault(parent, []).append(claim.claim_id)
    numbers: dict[str, str] = {}
    waiting = [(None, "")]
    while waiting:
        parent, prefix = waiting.pop()
        for count, id in enumerate(inside.get(parent, []), 1):
            numbers[id] = f"{prefix}{count}"
            waiting.append((id, f"{prefix}{count}."))  # type: ignore[arg-type]
    return numbers


def _place(claim: Claim) -> tuple[int, int, int]:
    spans = claim.content or [span for link in claim.chain for span in link.cues]
    first = spans[0]
    return FIELDS.index(first.field) if first.field in FIELDS else len(FIELDS), first.start, -first.end


def _order(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def _marks(
    claims: Iterable[Claim], entities: Iterable[Entity], numbers: dict[str, str], field: str
) -> list[Mark]:
    marks: list[Mark] = []
    for claim in claims:
        number = numbers[claim.claim_id]
        marks += marks_of(claim.content, "content", number, field)
        marks += marks_of(claim.verbatim, "verbatim", number, field)
        # The links before are its parents' own, and marked with their numbers.
        for link in claim.chain[-1:] if claim.parent_claim_id in numbers else claim.chain:
            marks += marks_of(link.cues, "cue", number, field)
            marks += marks_of((span for each in link.sources for span in each.spans), "source", number, field)
    for entity in entities:
        marks += marks_of(entity.mentions, "entity", entity.type, field)
    return marks


def _claim(claim: Claim, number: str) -> ExplainedClaim:
    words = claim_words(claim)
    links = []
    for link in claim.chain:
        names = [
            f"{clean(one.name, 80) or words_of(one.spans) or 'nobody'} ({one.type})" for one in link.sources
        ]
        cue = words_of(link.cues) or clean(link.cue_lemma) or "no cue"
        links.append(f"{link.relation}: {' and '.join(names) or 'nobody'}, {cue} ({link.cue_class})")
    spans: list[tuple[str, list[Span]]] = [
        ("hedges", claim.hedges),
        ("addressee", claim.addressee),
        ("channel", claim.channel),
        ("said_at", [claim.said_at.span] if claim.said_at else []),
    ]
    attributes = [
        ("certainty", str(claim.certainty)),
        ("polarity", str(claim.polarity)),
        ("stance", str(claim.stance)),
        ("force", str(claim.force)),
        *((name, words_of(some)) for name, some in spans if some),
        *([("conditional", "yes")] if claim.conditional else []),
        *([("tense", claim.tense)] if claim.tense else []),
        *([("confidence", f"{claim.confidence:.2f}")] if claim.confidence is not None else []),
        *([("flags", ", ".join(claim.flags))] if claim.flags else []),
        ("extractor", f"{claim.extractor.name}/{claim.extractor.version}"),
    ]
    return ExplainedClaim(
        **msgspec.structs.asdict(words),
        number=number,
        depth=number.count("."),
        kind=str(claim.kind),
        links=links,
        attributes=attributes,
    )


def _entity(entity: Entity) -> ExplainedEntity:
    forms = sorted({clean(mention.exact, 60) for mention in entity.mentions} - {entity.name})
    notes = [clean(title, 60) for title in entity.titles]
    notes += [entity.country] if entity.country else []
    notes += [entity.link.uri] if entity.link else []
    return ExplainedEntity(
        name=clean(entity.name, 80), type=str(entity.type), count=entity.count, forms=forms, notes=notes
    )


def _facts(article: EnrichedArticle) -> list[tuple[str, str]]:
    number = f"{article.revision_number}, {article.revision_kind}" if article.revision_number else ""
    facts = [
        ("publisher", clean(article.publisher.name or article.publisher.domain)),
        ("by", clean(", ".join(article.bylines))),
        ("published", article.published_at.value or ""),
        ("link", clean(article.canonical_url or article.url)),
        ("language", article.language.tag or "unknown"),
        ("revision", number),
        ("article", article.article_id),
        ("made by", f"{article.enricher.name}/{article.enricher.version}"),
    ]
    return [(name, value) for name, value in facts if value]


def _state(article: EnrichedArticle) -> str:
    state = article.analysis
    if (state.claims, state.entities) == ("done", "done"):
        return "done"
    reason = f" ({clean(state.reason)})" if state.reason else ""
    return f"claims {state.claims}, entities {state.entities}{reason}"
