"""A dead letter turned back into the record that it was."""

from __future__ import annotations

import msgspec
import pytest

from newswire.ledger.letters import letter_of, original_headers
from newswire.ledger.requeue import requeued_record
from schemas import topics
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.outcome import Hop, Times
from schemas.wire import Progress, WireRecord, header, read_progress
from streams.engine.endings import dead_letter, facts_of_bytes
from streams.engine.records import Failed, Record
from tests.support.ledger import Case, hop, laid

A = Case("a")
TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def dead(original: WireRecord, place: tuple[int, int] = (1, 17), **more: object) -> Record:
    (record,) = laid([A.letter(original, place, **more)])
    return msgspec.structs.replace(record, partition=2, offset=9)


def test_key_bytes_and_headers_are_the_original_ones() -> None:
    original = msgspec.structs.replace(A.raw_record(), headers=[*A.raw_record().headers, TRACE])
    again = requeued_record(dead(original), 3)
    assert (again.topic, again.partition) == ("news.raw.v1", 1)
    assert (again.key, again.value) == (original.key, original.value)
    assert [each for each in again.headers if not each[0].startswith("newswire-")] == original.headers
    assert original_headers(dead(original)) == original.headers


def test_the_attempt_is_the_next_one_and_says_where_it_is_from() -> None:
    again = requeued_record(dead(A.raw_record(), attempt=3), 3)
    letter = Hop(topic="news.dead-letter.v1", partition=2, offset=9)
    progress = read_progress(again.headers)
    assert (progress.attempt, progress.requeued_from) == (4, letter)
    assert header(again.headers, "newswire-attempt") == b"4"
    assert msgspec.json.decode(header(again.headers, "newswire-requeued-from") or b"", type=Hop) == letter


def test_what_the_item_had_behind_it_stays() -> None:
    times, hops = Times(observed=A.fetched_at), [hop("news.raw.v1", 0, 4), hop("news.article.v1", 0, 2)]
    original = A.unique_record(Progress(times=times, hops=hops, attempt=2))
    again = requeued_record(dead(original, attempt=2, stage="enrich"), 3)
    progress = read_progress(again.headers)
    assert (progress.times, progress.hops, progress.attempt) == (times, hops, 3)
    assert [name for name, _value in again.headers].count("newswire-progress") == 1
    assert [name for name, _value in again.headers].count("newswire-attempt") == 1


def test_a_partition_that_is_no_more_leaves_it_to_the_key() -> None:
    assert requeued_record(dead(A.raw_record(), (7, 17)), 3).partition is None


def test_null_values_and_keys_stay_null() -> None:
    original = WireRecord(topic=topics.RAW.name, key=None, value=None)
    again = requeued_record(dead(original), 3)
    assert (again.key, again.value) == (None, None)


@pytest.mark.parametrize("place", [(-1, -1)])
def test_what_no_stage_had_cannot_be_requeued(place: tuple[int, int]) -> None:
    record = dead(A.raw_record(), place, stage="connect")
    with pytest.raises(ValueError, match="let its connector read it again"):
        requeued_record(record, 3)
    letter = letter_of(record)
    assert letter is not None
    assert (letter.state, letter.original) == ("refused", None)


def test_only_to_topics_that_a_stage_reads() -> None:
    elsewhere = msgspec.structs.replace(A.raw_record(), topic="somebody.elses")
    with pytest.raises(ValueError, match="no stage ever had it"):
        requeued_record(dead(elsewhere), 3)


def test_what_was_cut_is_not_the_record_that_it_was() -> None:
    value = b"x" * (DEAD_LETTER_RECORD_BYTES + 1)
    original = Record(topics.RAW.name, 1, 17, 0, b"k", value)
    failed = Failed(reason="not_json", error="ValueError", message="it does not decode")
    facts = facts_of_bytes(value)
    letter = dead_letter(failed, stage="normalize", facts=facts, record=original, attempt=1, at=A.fetched_at)
    (record,) = laid([letter])
    with pytest.raises(ValueError, match="its bytes were cut"):
        requeued_record(record, 3)


def test_other_peoples_dead_letters_are_left_alone() -> None:
    (record,) = laid([WireRecord(topic=topics.DEAD_LETTER.name, key=b"k", value=b"v")])
    assert letter_of(record) is None
    with pytest.raises(ValueError, match="its headers cannot be read"):
        requeued_record(record, 3)


def test_a_letter_without_its_bytes() -> None:
    letter = letter_of(dead(A.raw_record(), attempt=2))
    assert letter is not None
    assert (letter.place, letter.original) == ("news.dead-letter.v1/2/9", "news.raw.v1/1/17")
    assert (letter.item_id, letter.attempt, letter.reason) == (A.item_id, 2, "not_json")
    assert letter.at == ("news.dead-letter.v1", 2, 9)
