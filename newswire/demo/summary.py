"""What came of a run, as plain data: pure, from the harvest."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from statistics import median
from typing import Final

import msgspec

from newswire.demo.claim_lines import ClaimLine, claim_lines
from newswire.demo.harvest import Harvest
from schemas.entity import Entity
from schemas.outcome import Outcome
from schemas.sighting import Relation, Sighting
from schemas.vocabulary import CLOSED_LISTS

__all__ = ["ArticleLine", "AsideLine", "CopiesOf", "CopyLine", "EntityLine", "Summary", "summarise"]

TOP_ENTITIES: Final = 10
TOP_CLAIMS: Final = 10
VARIANTS: Final = 3
NAMED: Final = 3


class CopyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One article that says what another said before it."""

    title: str
    publisher: str
    kind: str
    """As in the relation: ``identical`` or ``near_copy``."""
    jaccard: float
    differs: list[str]
    """What differs, in words; empty for an identical one."""
    enriched: bool


class CopiesOf(msgspec.Struct, frozen=True):
    """The copies of one text that was seen first."""

    title: str
    publisher: str
    copies: list[CopyLine]


class ArticleLine(msgspec.Struct, frozen=True):
    """One article that was seen more than once, with what each sighting was."""

    title: str
    publisher: str
    sightings: list[str]


class EntityLine(msgspec.Struct, frozen=True, kw_only=True):
    """One name across the articles."""

    name: str
    type: str
    mentions: int
    articles: int
    variants: list[str]
    """Other words for it that were merged, most frequent first."""


class AsideLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item that was rejected or could not be read."""

    what: str
    """Its native id."""
    outcome: str
    reason: str
    message: str
    """What the error said; empty for a rejection."""


class Summary(msgspec.Struct, kw_only=True):
    """What came of a run."""

    items: int
    outcomes: list[tuple[str, int, dict[str, int]]]
    """Each outcome with its count and the counts of its reasons, in the contract's order."""
    copies: list[CopiesOf]
    articles: list[ArticleLine]
    entities: list[EntityLine]
    entity_count: int
    claims: list[ClaimLine]
    """Some, each of another sort."""
    claim_count: int
    aside: list[AsideLine]
    median_s: float | None
    """Half of the items ended within these seconds of lying in news.raw; null where times are missing."""
    slowest_s: float | None


def summarise(harvest: Harvest) -> Summary:
    """Sum up."""
    entities = [entity for article in harvest.enriched for entity in article.entities]
    claims = [claim for article in harvest.enriched for claim in article.claims]
    ages = sorted(age for each in harvest.outcomes.values() if (age := _age_s(each)) is not None)
    return Summary(
        items=len(harvest.outcomes),
        outcomes=_outcomes(list(harvest.outcomes.values())),
        copies=_copies(harvest.sightings),
        articles=_articles(harvest.sightings),
        entities=_entities(entities),
        entity_count=len(entities),
        claims=claim_lines(claims, TOP_CLAIMS),
        claim_count=len(claims),
        aside=_aside(harvest),
        median_s=median(ages) if ages else None,
        slowest_s=ages[-1] if ages else None,
    )


def _outcomes(outcomes: list[Outcome]) -> list[tuple[str, int, dict[str, int]]]:
    counts: Counter[str] = Counter(each.outcome for each in outcomes)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for each in outcomes:
        if each.reason:
            reasons[each.outcome][each.reason] += 1
    known = CLOSED_LISTS["OutcomeName"]
    names = [*(name for name in known if name in counts), *sorted(counts.keys() - set(known))]
    return [(name, counts[name], dict(reasons[name].most_common())) for name in names]


def _copies(sightings: list[Sighting]) -> list[CopiesOf]:
    by_item = {each.item_id: each for each in sightings}
    copies: dict[str, list[Sighting]] = defaultdict(list)
    for each in sightings:
        if each.verdict in {"duplicate", "near_duplicate"} and each.relations:
            copies[each.relations[0].item_id].append(each)
    found = []
    for owner_id, same in copies.items():
        owner, relation = by_item.get(owner_id), same[0].relations[0]
        # An owner from before this run is known by its id alone.
        title, publisher = (
            (_title(owner), _publisher(owner)) if owner else (relation.article_id, relation.publisher or "")
        )
        found.append(CopiesOf(title, publisher, [_copy(each, each.relations[0]) for each in same]))
    return found


def _copy(sighting: Sighting, relation: Relation) -> CopyLine:
    return CopyLine(
        title=_title(sighting),
        publisher=_publisher(sighting),
        kind=relation.kind,
        jaccard=1.0 if relation.jaccard is None else relation.jaccard,
        differs=_differences(relation),
        enriched=sighting.enrich,
    )


def _differences(relation: Relation) -> list[str]:
    found = []
    for what, values in (("number", relation.numbers_changed), ("name", relation.names_changed)):
        if values:
            more = " …" if len(values) > NAMED else ""
            found.append(f"{what}{'s' * (len(values) > 1)} {', '.join(values[:NAMED])}{more}")
    if relation.negation_changed:
        found.append("a negation")
    added = len(relation.unmatched_sentences)
    if added:
        found.append(f"{added} new sentence{'s' * (added > 1)}")
    return found


def _articles(sightings: list[Sighting]) -> list[ArticleLine]:
    seen: dict[str, list[Sighting]] = defaultdict(list)
    for each in sightings:
        seen[each.article_id].append(each)
    return [
        ArticleLine(_title(each[0]), _publisher(each[0]), [_step(sighting) for sighting in each])
        for each in seen.values()
        if len(each) > 1
    ]


def _step(sighting: Sighting) -> str:
    if sighting.verdict != "revision":
        return sighting.verdict
    words = [f"revision {sighting.revision_number}"]
    if sighting.reverts_to is not None:
        words.append(f"back to {sighting.reverts_to}")
    elif sighting.revision_kind not in {None, "substantive"}:
        words.append(str(sighting.revision_kind))
    words += [flag for flag in sighting.flags if flag in {"late", "identity_conflict"}]
    return ", ".join(words)


def _entities(entities: list[Entity]) -> list[EntityLine]:
    groups: dict[tuple[str, str], list[Entity]] = defaultdict(list)
    for entity in entities:
        groups[entity.name_key, entity.type].append(entity)
    lines = [_entity(each) for each in groups.values()]
    return sorted(lines, key=lambda line: (-line.articles, -line.mentions, line.name))[:TOP_ENTITIES]


def _entity(same: list[Entity]) -> EntityLine:
    name = max(same, key=lambda each: len(each.name)).name
    forms = Counter(" ".join(mention.exact.split()) for each in same for mention in each.mentions)
    return EntityLine(
        name=name,
        type=same[0].type,
        mentions=sum(each.count for each in same),
        articles=len({each.article_id for each in same}),
        variants=[form for form, _count in forms.most_common() if form != name][:VARIANTS],
    )


def _aside(harvest: Harvest) -> list[AsideLine]:
    messages = {each.headers.item_id: each.headers.exception_message for each in harvest.dead_letters}
    return [
        AsideLine(
            what=(what := each.native_id or _native_id(each.item_id, harvest) or each.item_id),
            outcome=each.outcome,
            reason=each.reason or "",
            message=messages.get(each.item_id, "").removeprefix(f"{what}: "),
        )
        for each in harvest.outcomes.values()
        if each.outcome in {"rejected", "dead_letter"}
    ]


def _native_id(item_id: str, harvest: Harvest) -> str | None:
    return next((item.native_id for item in harvest.raw if item.item_id == item_id), None)


def _age_s(outcome: Outcome) -> float | None:
    times = outcome.times
    ended = times.enriched or times.judged or times.normalized
    if not times.raw or not ended:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(times.raw)).total_seconds()


def _title(sighting: Sighting) -> str:
    return sighting.title or sighting.native_id


def _publisher(sighting: Sighting) -> str:
    return sighting.publisher.name or sighting.publisher.domain or sighting.source_id
