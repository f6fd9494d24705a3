"""The closed lists of the contract, one name each.

Writers are strict: for a type checker every list is a ``Literal``, and the writers' JSON Schemas close
it.  Readers are tolerant: at run time a list decodes as any string, so that an older reader survives a
newer writer's value, and `known` reads a value that is not on the list as ``"other"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

import msgspec

Lane = Literal["live", "backfill"]
OutcomeName = Literal[
    "enriched",
    "unchanged",
    "revision",
    "reextracted",
    "duplicate",
    "near_duplicate",
    "withdrawn",
    "rejected",
    "dead_letter",
]
Verdict = Literal[
    "new",
    "unchanged",
    "revision",
    "reextracted",
    "duplicate",
    "near_duplicate",
    "withdrawn",
]
RelationKind = Literal["identical", "near_copy", "excerpt_of", "contains"]
RevisionKind = Literal["first", "minor", "substantive", "correction", "completed", "reextracted", "withdrawn"]
StageName = Literal["connect", "normalize", "dedupe", "enrich"]
PubStatus = Literal["usable", "withheld", "canceled"]
TextBasis = Literal["page", "feed_full", "feed_summary", "push", "archive"]
Form = Literal["article", "live_blog", "live_entry", "opinion", "listing", "press_release", "other"]
FieldName = Literal["title", "description", "text"]
AnalysisState = Literal["done", "unsupported_language", "partial", "failed"]
Precision = Literal["second", "minute", "day", "month", "year", "unknown"]
CorrectionKind = Literal["correction", "clarification", "update", "retraction", "other"]

ClaimKind = Literal["direct", "mixed", "indirect"]
ChainRelation = Literal["says", "reports", "cites"]
CueClass = Literal[
    "state",
    "announce",
    "report",
    "assert",
    "allege",
    "hearsay",
    "confirm",
    "disclose",
    "admit",
    "deny",
    "believe",
    "estimate",
    "predict",
    "suggest",
    "warn",
    "promise",
    "demand",
    "ask",
    "judge",
    "decline",
    "none",
    "other",
]
SourceType = Literal[
    "named_person",
    "named_organisation",
    "place_as_institution",
    "document",
    "media",
    "role",
    "anonymous",
    "collective",
    "self",
    "none",
    "unresolved",
    "other",
]
Certainty = Literal["certain", "probable", "possible", "uncommitted", "n/a"]
Polarity = Literal["affirmed", "denied", "unknown"]
Stance = Literal["neutral", "distancing", "endorsing"]
Force = Literal["assertion", "directive", "commissive", "question", "evaluation"]

EntityType = Literal["person", "organisation", "place", "event", "other"]
MentionForm = Literal["name", "acronym", "demonym", "nominal", "pronoun"]

SourceKind = Literal["feed", "sitemap", "page", "warc", "api", "files", "push", "other"]
Follow = Literal["always", "teaser", "never"]
Health = Literal["unknown", "ok", "stale", "failing", "blocked", "gone", "dimmed"]

CLOSED_LISTS: dict[str, tuple[str, ...]] = {
    name: get_args(value)
    for name, value in list(globals().items())
    if name[0].isupper() and get_args(value) and all(isinstance(v, str) for v in get_args(value))
}
"""Every closed list by name, with its values in the order of the contract."""

# Before what follows makes the lists strings at run time.
FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)
"""What of an article offsets may be in, in the order of reading."""

if not TYPE_CHECKING:
    for _name, _values in CLOSED_LISTS.items():
        globals()[_name] = Annotated[
            str, msgspec.Meta(extra_json_schema={"enum": list(_values), "x-closed-list": _name})
        ]


def known(value: str, closed_list: str) -> str:
    """Return *value* where *closed_list* names it, else ``"other"``: how a tolerant reader reads."""
    return value if value in CLOSED_LISTS[closed_list] else "other"


def closed_list_of(meta: Any) -> str | None:
    """Return the closed list that a field's metadata names, if it does."""
    extra = getattr(meta, "extra_json_schema", None) or {}
    name = extra.get("x-closed-list")
    return name if isinstance(name, str) else None
