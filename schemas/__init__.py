"""The contracts: events, ids, topics and the wire form.  Knows nothing else of newswire."""

from schemas.article import Article, Correction, Extractor, Fingerprints, Sketch
from schemas.base import Dated, Event, LanguageTag, Publisher, Rights, Span, Value
from schemas.claim import Claim, ClaimSource, Link, ModelVersion, SaidAt
from schemas.dead_letter import DeadLetterHeaders
from schemas.enriched import Analysis, EnrichedArticle
from schemas.entity import Entity, EntityLink, Mention
from schemas.outcome import Hop, Outcome, Times
from schemas.raw_item import Body, FeedEntry, Fetch, RawItem
from schemas.sighting import Origin, Relation, Sighting, Standing, UniqueArticle
from schemas.source import Seen, SourceDefinition, SourceHealth, SourceState

__all__ = [
    "Analysis",
    "Article",
    "Body",
    "Claim",
    "ClaimSource",
    "Correction",
    "Dated",
    "DeadLetterHeaders",
    "EnrichedArticle",
    "Entity",
    "EntityLink",
    "Event",
    "Extractor",
    "FeedEntry",
    "Fetch",
    "Fingerprints",
    "Hop",
    "LanguageTag",
    "Link",
    "Mention",
    "ModelVersion",
    "Origin",
    "Outcome",
    "Publisher",
    "RawItem",
    "Relation",
    "Rights",
    "SaidAt",
    "Seen",
    "Sighting",
    "Sketch",
    "SourceDefinition",
    "SourceHealth",
    "SourceState",
    "Span",
    "Standing",
    "Times",
    "UniqueArticle",
    "Value",
]
