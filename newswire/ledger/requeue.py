"""Send what is in a dead letter to its stage again: the same key and bytes, as the next attempt.

Attempt and ids follow from the dead letter, so to requeue one twice is to deliver it twice: what comes of
it has the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from kafka import KafkaProducer

from newswire.ledger.groups import LANES, STAGES
from newswire.ledger.letters import Letter, original_headers
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from newswire.settings import Settings
from newswire.settings.clients import compression, kafka_python_options
from schemas.dead_letter import CUT_HEADER, read_headers
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.outcome import Hop
from schemas.topics import RECORD_OVERHEAD
from schemas.wire import ATTEMPT_HEADER, PROGRESS_HEADER, REQUEUED_HEADER, WireRecord, header, read_progress
from streams.engine.records import Record

__all__ = ["Requeued", "requeue", "requeued_record"]

_OURS: Final = {PROGRESS_HEADER, ATTEMPT_HEADER, REQUEUED_HEADER}
_INPUTS: Final = {topic.of(lane) for lane in LANES for _stage, topic in STAGES}


class Requeued(msgspec.Struct, kw_only=True):
    """What became of one dead letter that was to be requeued."""

    letter: Letter
    sent_to: str | None = None
    """Where the record lies now; null where it was not sent."""
    why_not: str | None = None


def requeued_record(record: Record, partitions: int) -> WireRecord:
    """Turn a dead letter back into the record that it was, as the item's next attempt.

    *partitions* is how many the original topic has: it goes to the one where it lay, so that its key keeps
    its order.

    Raises:
        ValueError: it is no dead letter of a stage, or not whole; the message says why.
    """
    try:
        letter = read_headers(list(record.headers))
    except msgspec.ValidationError as error:
        raise ValueError(f"its headers cannot be read: {error}") from error
    if letter.partition < 0 or letter.topic not in _INPUTS:
        raise ValueError("no stage ever had it as a record: let its connector read it again")
    if header(record.headers, CUT_HEADER) is not None:
        raise ValueError("its bytes were cut: what is left would be another item")
    headers = original_headers(record)
    progress = read_progress(headers)
    progress.attempt = letter.attempt + 1
    progress.requeued_from = Hop(topic=record.topic, partition=record.partition, offset=record.offset)
    return WireRecord(
        topic=letter.topic,
        key=record.key,
        value=record.value,
        headers=[
            *(each for each in headers if each[0] not in _OURS),
            (PROGRESS_HEADER, msgspec.json.encode(progress)),
            (ATTEMPT_HEADER, b"%d" % progress.attempt),
            (REQUEUED_HEADER, msgspec.json.encode(progress.requeued_from)),
        ],
        partition=letter.partition if letter.partition < partitions else None,
    )


def requeue(settings: Settings, reader: TopicReader, wanted: Iterable[Letter]) -> Iterator[Requeued]:
    """Requeue letters that are open, one by one, each confirmed by the broker.

    Raises:
        KafkaError: the broker does not take one.
    """
    producer: Any = KafkaProducer(
        **kafka_python_options(settings),
        client_id="newswire-requeue",
        acks="all",
        enable_idempotence=True,
        compression_type=compression(settings),
        max_request_size=DEAD_LETTER_RECORD_BYTES + RECORD_OVERHEAD,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    try:
        for letter in wanted:
            yield _requeue_one(producer, reader, letter, settings.kafka_delivery_timeout_s)
    finally:
        producer.close()


def _requeue_one(producer: Any, reader: TopicReader, letter: Letter, timeout_s: float) -> Requeued:
    if letter.state != "open":
        return Requeued(letter=letter, why_not=_why_not(letter))
    record = reader.one(letter.at)
    if record is None:
        return Requeued(letter=letter, why_not="it is not kept any more")
    original = Place.parse(letter.original or "")
    try:
        again = requeued_record(record, len(reader.partitions(original.topic)) if original else 0)
    except ValueError as error:
        return Requeued(letter=letter, why_not=str(error))
    sent = producer.send(again.topic, again.value, again.key, list(again.headers), again.partition)
    done = sent.get(timeout_s)
    return Requeued(letter=letter, sent_to=str(Place(done.topic, done.partition, done.offset)))


def _why_not(letter: Letter) -> str:
    return {
        "requeued": "it is on its way again already",
        "resolved": "a later attempt at its item has ended well",
        "failed_again": "a later attempt has failed, too: requeue that dead letter",
        "refused": "no stage ever had it as a record: let its connector read it again",
    }[letter.state]
