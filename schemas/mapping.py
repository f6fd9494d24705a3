"""Where IPTC ninjs 3.1, schema.org or W3C Web Annotation have a name for what our fields hold.

ninjs names are those of its JSON Schema (ninjs-schema_3.1.json).
"""

from __future__ import annotations

from typing import Final

__all__ = ["NAMES"]

NAMES: Final[tuple[tuple[str, str, str], ...]] = (
    ("EnrichedArticle.article_id", "uri", "NewsArticle.identifier"),
    ("EnrichedArticle.revision_number", "version", "CreativeWork.version"),
    ("EnrichedArticle.pub_status", "pubStatus", "CreativeWork.creativeWorkStatus"),
    ("EnrichedArticle.publisher", "infoSources[role=publisher]", "NewsArticle.publisher"),
    ("EnrichedArticle.origin", "infoSources[role=origin]", "CreativeWork.isBasedOn, creditText"),
    ("EnrichedArticle.canonical_url", "renditions[].href", "NewsArticle.url, mainEntityOfPage"),
    ("EnrichedArticle.alternates", "altIds", "NewsArticle.sameAs"),
    ("EnrichedArticle.title", "headlines[role=main].value", "NewsArticle.headline"),
    ("EnrichedArticle.description", "descriptions[].value", "NewsArticle.description"),
    ("EnrichedArticle.text", "bodies[contentType=text/plain].value", "NewsArticle.articleBody"),
    ("EnrichedArticle.form", "genres", "the subtype of NewsArticle: OpinionNewsArticle, LiveBlogPosting"),
    ("EnrichedArticle.part_of", "associations[]", "CreativeWork.isPartOf"),
    ("EnrichedArticle.bylines", "by", "NewsArticle.author"),
    ("EnrichedArticle.dateline", "located", "NewsArticle.dateline"),
    ("EnrichedArticle.credits", "infoSources[]", "CreativeWork.creditText"),
    ("EnrichedArticle.published_at", "contentCreated", "NewsArticle.datePublished"),
    ("EnrichedArticle.modified_at", "versionCreated", "NewsArticle.dateModified"),
    ("EnrichedArticle.first_seen_at", "firstCreated", ""),
    ("EnrichedArticle.corrections", "edNote", "CreativeWork.correction"),
    ("EnrichedArticle.language", "language", "NewsArticle.inLanguage"),
    ("EnrichedArticle.rights", "rightsInfo, usageTerms, copyrightNotice", "license, copyrightNotice"),
    ("EnrichedArticle.subjects", "subjects[].name", "NewsArticle.keywords, articleSection"),
    ("EnrichedArticle.entities", "people, organisations, places, events", "NewsArticle.mentions"),
    ("Entity.name", "people[].name", "Thing.name"),
    ("Entity.link.uri", "people[].uri", "Thing.sameAs"),
    ("Entity.salience", "subjects[].relevance (0 to 100)", ""),
    ("Claim", "", "Claim, Quotation"),
    ("Claim.chain[-1].sources", "", "Claim.claimInterpreter, Quotation.spokenByCharacter"),
    ("Claim.content", "", "Claim.text; oa:Annotation target"),
    ("Span.start, end", "", "oa:TextPositionSelector.start, end"),
    ("Span.exact", "", "oa:TextQuoteSelector.exact"),
    ("Publisher.family", "", "Organization.parentOrganization"),
)
"""Our field, its name in ninjs 3.1, its name in schema.org (or Web Annotation, ``oa:``); empty where none."""
