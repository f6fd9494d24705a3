"""Events as the stages write them, made by hand: one item at a time, with what it leads to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError
from kafka.structs import OffsetAndMetadata

from newswire.broker import DevBroker
from newswire.ledger.groups import Flow, flows
from schemas import ids, topics
from schemas.article import Article, Extractor, Fingerprints
from schemas.base import LanguageTag, Publisher, Span
from schemas.claim import Claim, ClaimSource, Link, ModelVersion
from schemas.dead_letter import DeadLetterHeaders, write_headers
from schemas.enriched import Analysis, EnrichedArticle
from schemas.entity import Entity, Mention
from schemas.outcome import Hop, Outcome, Times
from schemas.partitions import partition_of
from schemas.raw_item import Body, RawItem
from schemas.sighting import Relation, Sighting, UniqueArticle
from schemas.topics import Topic
from schemas.vocabulary import FieldName, Lane
from schemas.wire import Progress, WireRecord, encode, event_headers
from streams.engine.records import Record
from tests.support.brokers import PARTITIONS
from tests.support.waiting import eventually

SOURCE = "files:ledger"
EXTRACTOR = Extractor(name="plain", version="1")
MODEL = ModelVersion(name="quotes", version="1")
TEXT = (
    "PORT MERRIN — The harbour strike is over, Ana Quill said on Tuesday. The pilots go back to work at six "
    "in the morning, after eleven days in which no ship came in or left the port. Forty of them had walked out."
)
SAID = "The harbour strike is over"
SPEAKER = "Ana Quill"
JUDGED = "2026-11-24T06:00:01.000000Z"
WINDOW = "2026-10-25T06:00:01.000000Z"
TIMES = Times(
    published="2026-11-24T05:59:00Z",
    observed="2026-11-24T06:00:00Z",
    raw="2026-11-24T06:00:00.250000Z",
    normalized="2026-11-24T06:00:00.750000Z",
    judged=JUDGED,
    enriched="2026-11-24T06:00:03.500000Z",
)


def span(exact: str, text: str, field: FieldName = "text") -> Span:
    start = text.index(exact)
    return Span(field=field, start=start, end=start + len(exact), exact=exact)


def event(
    topic: Topic,
    data: Any,
    *,
    id: str,
    key: str,
    lane: Lane = "live",
    partition: int | None = None,
    progress: Progress | None = None,
    stage: str = "test",
) -> WireRecord:
    return WireRecord(
        topic=topic.of(lane),
        key=key.encode(),
        value=encode(data),
        headers=event_headers(
            id=id,
            type=topic.ce_type,
            source=f"/newswire/{stage}",
            subject=key,
            time="2026-11-24T06:00:05.000000Z",
            progress=progress,
        ),
        partition=partition,
    )


class Case:
    """One item and the events that it leads to when all goes well; tests spoil what they get from it."""

    def __init__(
        self,
        name: str,
        *,
        text: str | None = None,
        lane: Lane = "live",
        url: str | None = None,
        fetched_at: str = "2026-11-24T06:00:00Z",
    ) -> None:
        self.text = f"{TEXT} It was ship number {name}." if text is None else text
        self.lane = lane
        self.title = f"Strike over, ship {name}"
        self.url = url or f"https://merrin.example/{name}"
        self.fetched_at = fetched_at
        body = ids.sha256_hex(self.text)
        self.native_id = name
        self.item_id = ids.item_id(SOURCE, name, body, fetched_at)
        self.article_id = ids.article_id(self.url, SOURCE, name)
        self.content_hash = ids.content_hash(self.title, None, self.text)
        self.revision_id = ids.revision_id(self.article_id, self.content_hash)
        self.enrichment_id = ids.enrichment_id(self.revision_id, MODEL.name, MODEL.version, "")

    # -- data -------------------------------------------------------------------------------------------

    def item(self) -> RawItem:
        return RawItem(
            item_id=self.item_id,
            source_id=SOURCE,
            source_kind="files",
            native_id=self.native_id,
            url=self.url,
            link_key=self.url,
            fetched_at=self.fetched_at,
            lane=self.lane,
            title=self.title,
            language="en",
            body=Body(text=self.text, sha256=ids.sha256_hex(self.text)),
        )

    def article(self) -> Article:
        return Article(
            item_id=self.item_id,
            article_id=self.article_id,
            source_id=SOURCE,
            source_kind="files",
            native_id=self.native_id,
            link_key=self.url,
            lane=self.lane,
            fetched_at=self.fetched_at,
            url=self.url,
            canonical_url=self.url,
            publisher=Publisher(domain="merrin.example", name="Merrin Courier"),
            title=self.title,
            text=self.text,
            text_basis="push",
            language=LanguageTag(tag="en", from_="detected", confidence=1.0),
            raw_hash=ids.sha256_hex(self.text),
            content_hash=self.content_hash,
            fingerprints=Fingerprints(words=len(self.text.split()), exact=ids.sha256_hex(self.text.lower())),
            extractor=EXTRACTOR,
        )

    def sighting(self, **more: Any) -> Sighting:
        article = self.article()
        fields: dict[str, Any] = {
            "item_id": self.item_id,
            "native_id": self.native_id,
            "source_id": SOURCE,
            "link_key": self.url,
            "article_id": self.article_id,
            "revision_id": self.revision_id,
            "revision_number": 1,
            "revision_kind": "first",
            "observed_at": self.fetched_at,
            "judged_record_at": JUDGED,
            "lane": self.lane,
            "title": self.title,
            "url": self.url,
            "publisher": article.publisher,
            "verdict": "new",
            "enrich": True,
            "window_start": WINDOW,
            "content_hash": self.content_hash,
            "fingerprints": article.fingerprints,
            "extractor": f"{EXTRACTOR.name}/{EXTRACTOR.version}",
            "raw_hash": article.raw_hash,
            "text_basis": "push",
        }
        return Sighting(**fields | more)

    def relation(self, **more: Any) -> Relation:
        """How another article relates to this one: as its exact copy."""
        fields: dict[str, Any] = {
            "article_id": self.article_id,
            "revision_id": self.revision_id,
            "item_id": self.item_id,
            "kind": "identical",
            "jaccard": 1.0,
            "publisher": "merrin.example",
            "first_seen_at": self.fetched_at,
        }
        return Relation(**fields | more)

    def claim(self) -> Claim:
        content, cue = span(SAID, self.text), span("said", self.text)
        speaker = span(SPEAKER, self.text)
        return Claim(
            claim_id=ids.claim_id(self.revision_id, [content], [cue, speaker]),
            article_id=self.article_id,
            revision_id=self.revision_id,
            revision_number=1,
            enrichment_id=self.enrichment_id,
            lane=self.lane,
            content_key=ids.sha256_hex(SAID.lower()),
            content=[content],
            context=[span(self.text.split(". ")[0] + ".", self.text)],
            kind="indirect",
            chain=[
                Link(
                    relation="says",
                    cues=[cue],
                    cue_lemma="say",
                    cue_class="state",
                    sources=[ClaimSource(spans=[speaker], type="named_person", name=SPEAKER)],
                )
            ],
            extractor=MODEL,
            title=self.title,
            url=self.url,
            publisher=self.article().publisher,
            language="en",
        )

    def entity(self) -> Entity:
        mention = span(SPEAKER, self.text)
        return Entity(
            entity_id=ids.entity_id(self.article_id, self.revision_id, "person", mention),
            article_id=self.article_id,
            revision_id=self.revision_id,
            revision_number=1,
            enrichment_id=self.enrichment_id,
            lane=self.lane,
            name=SPEAKER,
            name_key=SPEAKER.lower(),
            type="person",
            mentions=[
                Mention(field="text", start=mention.start, end=mention.end, exact=SPEAKER, form="name")
            ],
            count=1,
            salience=0.5,
            title=self.title,
            url=self.url,
            language="en",
        )

    def enriched(self, **more: Any) -> EnrichedArticle:
        article = self.article()
        claims = [self.claim()]
        fields: dict[str, Any] = {
            "item_id": self.item_id,
            "article_id": self.article_id,
            "revision_id": self.revision_id,
            "source_id": SOURCE,
            "native_id": self.native_id,
            "revision_number": 1,
            "revision_kind": "first",
            "lane": self.lane,
            "publisher": article.publisher,
            "url": self.url,
            "canonical_url": self.url,
            "title": self.title,
            "text": self.text,
            "text_sha256": ids.sha256_hex(self.text),
            "text_basis": "push",
            "extractor": EXTRACTOR,
            "language": article.language,
            "analysis": Analysis(claims="done", entities="done"),
            "enrichment_id": self.enrichment_id,
            "enricher": MODEL,
            "claim_ids": [claim.claim_id for claim in claims],
            "claims": claims,
            "entities": [self.entity()],
        }
        return EnrichedArticle(**fields | more)

    def outcome(self, name: str = "enriched", *, stage: str = "enrich", **more: Any) -> Outcome:
        fields: dict[str, Any] = {
            "item_id": self.item_id,
            "article_id": self.article_id,
            "revision_id": self.revision_id,
            "source_id": SOURCE,
            "native_id": self.native_id,
            "outcome": name,
            "stage": stage,
            "lane": self.lane,
            "times": TIMES,
        }
        return Outcome(**fields | more)

    # -- records ----------------------------------------------------------------------------------------

    def raw_record(self, progress: Progress | None = None) -> WireRecord:
        return event(
            topics.RAW, self.item(), id=self.item_id, key=self.url, lane=self.lane, progress=progress
        )

    def article_record(self, progress: Progress | None = None) -> WireRecord:
        id = ids.article_event_id(self.item_id, f"{EXTRACTOR.name}/{EXTRACTOR.version}")
        return event(
            topics.ARTICLE, self.article(), id=id, key=self.article_id, lane=self.lane, progress=progress
        )

    def sighting_record(self, **more: Any) -> WireRecord:
        seen = self.sighting(**more)
        id = ids.sighting_event_id(self.item_id, seen.extractor)
        return event(topics.SIGHTINGS, seen, id=id, key=seen.article_id, lane=self.lane)

    def unique_record(self, progress: Progress | None = None) -> WireRecord:
        unique = UniqueArticle(article=self.article(), sighting=self.sighting())
        id = ids.unique_event_id(self.item_id, "plain/1")
        return event(topics.UNIQUE, unique, id=id, key=self.article_id, lane=self.lane, progress=progress)

    def enriched_records(self, made: EnrichedArticle | None = None) -> list[WireRecord]:
        """The enriched event, then its claims, then its entities."""
        made = made or self.enriched()
        id = ids.enriched_event_id(made.item_id, made.enrichment_id, made.attempt)
        whole = event(
            topics.ENRICHED,
            made,
            id=id,
            key=made.revision_id,
            partition=partition_of(made.article_id.encode(), PARTITIONS),
        )
        claims = [
            event(topics.CLAIMS, claim, id=ids.part_event_id(id, claim.claim_id), key=made.article_id)
            for claim in made.claims
        ]
        entities = [
            event(topics.ENTITIES, entity, id=ids.part_event_id(id, entity.entity_id), key=made.article_id)
            for entity in made.entities
        ]
        return [whole, *claims, *entities]

    def outcome_record(self, name: str = "enriched", *, stage: str = "enrich", **more: Any) -> WireRecord:
        end = self.outcome(name, stage=stage, **more)
        id = ids.outcome_event_id(self.item_id, end.attempt)
        return event(topics.OUTCOMES, end, id=id, key=self.item_id, stage=stage)

    def letter(self, original: WireRecord, place: tuple[int, int] = (0, 0), **more: Any) -> WireRecord:
        """The dead letter of a record of this item that lay at a partition and offset."""
        fields: dict[str, Any] = {
            "topic": original.topic,
            "partition": place[0],
            "offset": place[1],
            "stage": "normalize",
            "exception_class": "ValueError",
            "exception_message": "it does not decode",
            "reason": "not_json",
            "item_id": self.item_id,
            "failed_at": "2026-11-24T06:00:02.000000Z",
        }
        headers = [*original.headers, *write_headers(DeadLetterHeaders(**fields | more))]
        return WireRecord(
            topic=topics.DEAD_LETTER.name, key=original.key, value=original.value, headers=headers
        )

    def all_records(self) -> list[WireRecord]:
        """Everything that this item leads to where it is new."""
        return [
            self.raw_record(),
            self.sighting_record(),
            *self.enriched_records(),
            self.outcome_record(),
        ]

    def duplicate_records(self, of: Case) -> list[WireRecord]:
        """Everything that this item leads to where it is an exact copy of another."""
        return [
            self.raw_record(),
            self.sighting_record(verdict="duplicate", enrich=False, relations=[of.relation()]),
            self.outcome_record("duplicate", stage="dedupe"),
        ]


def with_value(record: WireRecord, **changes: Any) -> WireRecord:
    """Return a record with some of its data's fields changed, headers as they were."""
    data = msgspec.json.decode(record.value or b"")
    return msgspec.structs.replace(record, value=msgspec.json.encode(data | changes))


def with_header(record: WireRecord, name: str, value: str) -> WireRecord:
    """Return a record with one header changed."""
    headers = [(key, value.encode() if key == name else old) for key, old in record.headers]
    return msgspec.structs.replace(record, headers=headers)


def laid(records: Iterable[WireRecord], timestamp_ms: int = 1_795_500_000_000) -> list[Record]:
    """Give records their places, as a broker would that has one partition for each topic."""
    offsets: dict[str, int] = defaultdict(int)
    placed = []
    for record in records:
        placed.append(
            Record(
                record.topic,
                0,
                offsets[record.topic],
                timestamp_ms,
                record.key,
                record.value,
                tuple(record.headers),
            )
        )
        offsets[record.topic] += 1
    return placed


def hop(topic: str, partition: int, offset: int) -> Hop:
    return Hop(topic=topic, partition=partition, offset=offset)


def commit(broker: DevBroker, flow: Flow) -> None:
    """Let a stage's group be done with all of its topic, once members that a test has killed are forgotten."""
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=flow.group, enable_auto_commit=False
    )
    try:
        partitions = [TopicPartition(flow.topic, n) for n in consumer.partitions_for_topic(flow.topic)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        offsets = {each: OffsetAndMetadata(end, "", -1) for each, end in ends.items()}
        eventually(lambda: _committed(consumer, offsets), f"{flow.group} has no members")
    finally:
        consumer.close()


def _committed(consumer: KafkaConsumer, offsets: dict[TopicPartition, OffsetAndMetadata]) -> bool:
    try:
        consumer.commit(offsets)
    except CommitFailedError:
        return False
    return True


def commit_all(broker: DevBroker) -> None:
    """Let every stage's group, in both lanes, be done with all of its topic."""
    for flow in flows():
        commit(broker, flow)
