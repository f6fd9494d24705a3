"""Events as single lines for people: what a terminal shows of a topic.

Text of articles comes from strangers, so control characters never reach the terminal.
"""

from __future__ import annotations

import time
from functools import singledispatch
from typing import Final

import msgspec

from newswire.ledger.claim_words import claim_words
from newswire.ledger.events import event_of, topic_of
from newswire.ledger.places import Place
from newswire.ledger.text import clean
from schemas.article import Article
from schemas.base import Event, Publisher
from schemas.claim import Claim
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

__all__ = ["Words", "line_of", "relation_words"]

Words = list[tuple[str, str]]
"""Pieces of a line, each with its style (rich's names; empty for none)."""

MOST_NAMES: Final = 5
RECENT_S: Final = 43_200
GOOD: Final = {"enriched", "new", "revision"}
BAD: Final = {"dead_letter", "rejected"}


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
    words = claim_words(claim)
    how = ", ".join(words.how)
    return [
        (words.who, "bold green"),
        (f" — {words.cue} — " if words.cue else " — ", "dim"),
        (words.what, ""),
        (f" ({how})" if how else "", "yellow"),
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


def outlet(publisher: Publisher) -> str:
    """Return a publisher's name for people."""
    return clean(publisher.name or publisher.domain, 40) or "unknown outlet"


def _clock(seconds: float) -> str:
    """Write a moment in local time: without its date where it is of the last half day."""
    recent = abs(time.time() - seconds) < RECENT_S
    return time.strftime("%H:%M:%S" if recent else "%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _style(word: str) -> str:
    return "red" if word in BAD else "green" if word in GOOD else "yellow"
