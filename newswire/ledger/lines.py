"""Events as single lines for people: what a terminal shows of a topic.

Text of articles comes from strangers, so control characters never reach the terminal.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import singledispatch
from typing import Final

import msgspec

from newswire.ledger.events import event_of, topic_of
from newswire.ledger.places import Place
from schemas.article import Article
from schemas.base import Event, Publisher, Span
from schemas.claim import Claim, ClaimSource, Link
from schemas.dead_letter import read_headers
from schemas.enriched import EnrichedArticle
from schemas.entity import Entity
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Relation, Sighting, UniqueArticle
from schemas.source import SourceDefinition, SourceState
from schemas.topics import DEAD_LETTER
from streams.engine.clock import in_calendar
from streams.engine.records import Record

__all__ = ["Words", "clean", "line_of", "relation_words", "who_says"]

Words = list[tuple[str, str]]
"""Pieces of a line, each with its style (rich's names; empty for none)."""

MOST_CHARS: Final = 240
"""Of one piece of text."""
QUOTES: Final = '“”"„«»'
MOST_NAMES: Final = 5
RECENT_S: Final = 43_200
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
"""C0 and C1 controls, line separators and what turns the direction of writing."""
GOOD: Final = {"enriched", "new", "revision"}
BAD: Final = {"dead_letter", "rejected"}


def clean(text: str | None, most: int = MOST_CHARS) -> str:
    """Return text for one line: without control characters, white space joined, cut where it is long."""
    if not text:
        return ""
    text = " ".join(_CONTROL.sub(" ", text[: 4 * most]).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def line_of(record: Record) -> Words:
    """Return a record as one line: when it was appended, and what its event says."""
    at = _clock(in_calendar(record.timestamp_ms) / 1000)
    topic = topic_of(record.topic)
    event = event_of(record)
    if topic is DEAD_LETTER:
        words = _dead_letter(record)
    elif event is not None:
        words = _line(event)
    elif record.value is None:
        words = [("deleted ", "dim"), (clean((record.key or b"").decode("utf-8", "replace")), "")]
    else:
        place, head = Place.of(record), record.value[:80].decode("utf-8", "replace")
        words = [("does not decode ", "red"), (f"{place} {clean(head)}", "")]
    return [(f"{at}  ", "dim"), *words]


@singledispatch
def _line(event: Event) -> Words:
    return [(clean(msgspec.json.encode(event).decode()), "")]


@_line.register
def _raw_item(item: RawItem) -> Words:
    body = item.body
    size = "no body"
    if body is not None:
        size = f"{body.media_type}, {len(body.data or body.text or ''):,} {'bytes' if body.data else 'chars'}"
    result = f", fetch {item.fetch.result}" if item.fetch is not None and item.fetch.result != "ok" else ""
    return [
        (f"{clean(item.source_id, 40)}  ", "cyan"),
        (clean(item.title or item.url or item.native_id), ""),
        (f"  {size}{result}", "dim"),
    ]


@_line.register
def _article(article: Article) -> Words:
    notes = [article.language.tag or "language unknown", f"{article.fingerprints.words:,} words"]
    return [
        (f"{outlet(article.publisher)}  ", "cyan"),
        (clean(article.title) or "(no title)", ""),
        (f"  {', '.join([*notes, *article.quality])}", "dim"),
    ]


@_line.register
def _sighting(sighting: Sighting) -> Words:
    number = f" {sighting.revision_number}" if sighting.revision_number > 1 else ""
    reverts = f" back to {sighting.reverts_to}" if sighting.reverts_to else ""
    notes = [relation_words(sighting.relations[0])] if sighting.relations else []
    notes += sighting.flags
    return [
        (f"{sighting.verdict}{number}{reverts}", _style(sighting.verdict)),
        (" → enrich  " if sighting.enrich else "  ", "dim"),
        (clean(sighting.title) or "(no title)", ""),
        (f" · {outlet(sighting.publisher)}", "cyan"),
        (f"  {', '.join(notes)}" if notes else "", "dim"),
    ]


@_line.register
def _unique(unique: UniqueArticle) -> Words:
    return _sighting(unique.sighting)


@_line.register
def _enriched(article: EnrichedArticle) -> Words:
    names = [clean(entity.name, 40) for entity in article.entities[:MOST_NAMES]]
    more = "" if len(article.entities) <= MOST_NAMES else f" and {len(article.entities) - MOST_NAMES} more"
    state = article.analysis
    failed = (
        f"  analysis {state.claims}/{state.entities}"
        if (state.claims, state.entities) != ("done",) * 2
        else ""
    )
    return [
        (clean(article.title) or "(no title)", "bold"),
        (f" · {outlet(article.publisher)}", "cyan"),
        (f"  {article.revision_kind} {article.revision_number}, {len(article.claims)} claims", "dim"),
        (f"  {', '.join(names)}{more}" if names else "", ""),
        (failed, "red"),
    ]


@_line.register
def _claim(claim: Claim) -> Words:
    who, cue = who_says(claim)
    quoted = claim.kind == "direct"
    content = words_of(claim.content)
    notes: list[str] = [claim.certainty]
    notes += [v for v, usual in ((claim.polarity, "affirmed"), (claim.stance, "neutral")) if v != usual]
    notes += [claim.force] if claim.force != "assertion" else []
    return [
        (who, "bold green"),
        (f" — {cue} — " if cue else " — ", "dim"),
        (f"“{content.strip(QUOTES)}”" if quoted else content, ""),
        (f" ({', '.join(notes)})", "yellow"),
        (f" · {outlet(claim.publisher)} ", "cyan"),
        (clean(claim.title, 80), "dim"),
    ]


@_line.register
def _entity(entity: Entity) -> Words:
    forms = {mention.exact for mention in entity.mentions} - {entity.name}
    also = f" also {', '.join(sorted(clean(form, 30) for form in forms)[:MOST_NAMES])}" if forms else ""
    place = f" {entity.country}" if entity.country else ""
    return [
        (f"{entity.type}  ", "cyan"),
        (clean(entity.name, 80), "bold"),
        (f"{place} ×{entity.count}{also}", ""),
        (f" · {clean(entity.title, 80)}", "dim"),
    ]


@_line.register
def _outcome(outcome: Outcome) -> Words:
    why = f"({clean(outcome.reason, 60)})" if outcome.reason else ""
    attempt = f" attempt {outcome.attempt}" if outcome.attempt > 1 else ""
    return [
        (f"{outcome.outcome}{why}", _style(outcome.outcome)),
        (f" by {outcome.stage}{attempt}  ", "dim"),
        (clean(outcome.item_id, 60), ""),
        (f"  {clean(outcome.source_id, 40)} {clean(outcome.native_id, 80)}", "dim"),
    ]


@_line.register
def _source(source: SourceDefinition) -> Words:
    state = "" if source.enabled else "  disabled"
    return [(f"{source.kind}  ", "cyan"), (clean(source.name or source.url), ""), (state, "yellow")]


@_line.register
def _source_state(state: SourceState) -> Words:
    health = state.health
    style = "" if health.status == "ok" else "yellow"
    next_poll = f"  next poll {state.next_poll_at}" if state.next_poll_at else ""
    return [
        (f"{health.status}  ", style),
        (state.source_id, ""),
        (f"  {clean(health.reason)}{next_poll}", "dim"),
    ]


def _dead_letter(record: Record) -> Words:
    try:
        headers = read_headers(list(record.headers))
    except msgspec.ValidationError as error:
        return [("no dead letter of ours ", "red"), (f"{Place.of(record)} {clean(str(error))}", "")]
    original = Place(headers.topic, headers.partition, headers.offset)
    return [
        (f"{clean(headers.reason, 60)}", "red"),
        (f" by {headers.stage}  ", "dim"),
        (clean(headers.item_id, 60), ""),
        (f"  {original}" if headers.offset >= 0 else "", "dim"),
        (f"  {clean(headers.exception_message)}", ""),
    ]


def relation_words(relation: Relation) -> str:
    """Say in words how one content is like another."""
    if relation.kind == "identical":
        words = "identical"
    else:
        words = relation.kind.replace("_", " ")
        words += f" {relation.jaccard:.0%}" if relation.jaccard is not None else ""
    differs = [f"numbers {', '.join(relation.numbers_changed[:4])}"] if relation.numbers_changed else []
    differs += [f"names {', '.join(relation.names_changed[:4])}"] if relation.names_changed else []
    differs += ["negation"] if relation.negation_changed else []
    new = len(relation.unmatched_sentences)
    differs += [f"{new} new sentence{'s' if new > 1 else ''}"] if new else []
    of = f" to {relation.publisher}" if relation.publisher else ""
    return words + of + (f", differs in {'; '.join(differs)}" if differs else "")


def who_says(claim: Claim) -> tuple[str, str]:
    """Return who a claim comes from, with through whom it came, and the words that attribute it."""
    if not claim.chain:
        return "somebody", ""
    *through, origin = claim.chain
    who = _speakers(origin) or "somebody"
    via = [speakers for link in reversed(through) if (speakers := _speakers(link))]
    cue = words_of(origin.cues) or (origin.cue_lemma or "")
    return who + "".join(f", via {each}" for each in via), cue


def _speakers(link: Link) -> str:
    return " and ".join(filter(None, map(_speaker, link.sources)))


def _speaker(source: ClaimSource) -> str:
    if source.type in {"none", "unresolved"} and not source.name and not source.spans:
        return ""
    return clean(source.name, 80) or words_of(source.spans) or source.type.replace("_", " ")


def words_of(spans: Iterable[Span]) -> str:
    """Return what spans hold; what lies between two of them is an ellipsis."""
    return " … ".join(clean(span.exact) for span in spans)


def outlet(publisher: Publisher) -> str:
    """Return a publisher's name for people."""
    return clean(publisher.name or publisher.domain, 40) or "unknown outlet"


def _clock(seconds: float) -> str:
    """Write a moment in local time: without its date where it is of the last half day."""
    recent = abs(time.time() - seconds) < RECENT_S
    return time.strftime("%H:%M:%S" if recent else "%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _style(word: str) -> str:
    return "red" if word in BAD else "green" if word in GOOD else "yellow"
