"""A connector that misbehaves in every way, and records at the limits, against real Kafka."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import stamina

from connectors.framework.connector import Broken, Reading
from connectors.framework.errors import Skippable
from connectors.framework.items import raw_item
from connectors.framework.records import CUT_HEADER, dead_item, raw_record
from schemas import ids
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB, RAW_RECORD_BYTES
from schemas.raw_item import Body
from tests.conformance.conftest import Trial
from tests.support.hostile import HostileConnector

pytestmark = pytest.mark.kafka


@pytest.fixture
def hostile(tmp_path) -> Trial:
    return Trial("hostile", tmp_path)


def test_whatever_it_does_everything_it_showed_ends_once(hostile: Trial, kafka, ledger):
    hostile.prepare(
        [
            *["item", "broken", "retriable", "huge", "vast", "duplicate", "mark", "surrogate"],
            *["skippable", "rate_limited", "item", "gone", "item"],
        ]
    )
    with stamina.set_testing(True, attempts=5):
        report = hostile.run(kafka)
    assert report.gone == "it is gone for good"
    assert report.reasons == {"broken": 1, "too_large": 1, "not_encodable": 1, "raised": 1}
    assert (report.confirmed, report.cut, report.dead_letters, report.unconfirmed) == (4, 1, 4, 0)
    ledger.read()
    # The step that is called duplicate shows the item of the place before it.
    assert ledger.count(hostile.source) == {"item-0": 1, "item-3": 1, "item-4": 1, "item-10": 1}
    reasons = Counter(outcome.reason for outcome in ledger.outcomes if outcome.reason in report.reasons)
    assert reasons == report.reasons


class Still(HostileConnector):
    """Shows what it was given."""

    readings: list[Reading]

    def read(self):
        yield from self.readings


@pytest.fixture
def still(hostile: Trial) -> Trial:
    hostile.prepare([])
    hostile.connector_type = type("Still", (Still,), {"readings": []})
    return hostile


def broken_of(data: bytes, source: str) -> Broken:
    return Broken(
        error=Skippable("broken", reason="broken"),
        data=data,
        source_id=source,
        native_id="n",
        observed_at="2026-11-24T09:30:00.000000Z",
    )


def test_a_dead_letter_of_the_largest_size_arrives_whole_and_a_larger_one_is_cut(still: Trial, kafka, ledger):
    noise = random.Random(1).randbytes(20 * MIB)
    smallest = dead_item(broken_of(b"x", still.source), Skippable("broken", reason="broken")).letter
    largest = DEAD_LETTER_RECORD_BYTES - smallest.size + 1
    for data in (noise[:largest], noise[: largest + 1], noise):
        broken = broken_of(data, still.source)
        still.connector_type.readings.append(Reading(stream=still.source, broken=broken))
    sent = [dead_item(one.broken, one.broken.error).letter for one in still.connector_type.readings]
    assert sent[0].size == DEAD_LETTER_RECORD_BYTES
    assert [any(name == CUT_HEADER for name, _ in one.headers) for one in sent] == [False, True, True]
    report = still.run(kafka)
    assert (report.dead_letters, report.error) == (3, None)
    ledger.read()
    letters = [
        ledger.letters[hop.partition, hop.offset]
        for outcome in ledger.outcomes_of(still.source)
        for hop in outcome.hops
    ]
    assert sorted(letters, key=len) == sorted((one.value for one in sent), key=len)


def test_a_raw_record_of_the_largest_size_arrives_whole(still: Trial, kafka, ledger):
    # Of bytes in base64, the worst that lz4 gets from us; the title takes what is missing to the limit.
    noise = random.Random(2).randbytes(9 * MIB)

    def item_of(size: int, title: int):
        data = noise[:size]
        return raw_item(
            source_id=still.source,
            source_kind="other",
            native_id="n",
            fetched_at="2026-11-24T09:30:00.000000Z",
            body=Body(media_type="text/html", data=data, sha256=ids.sha256_hex(data)),
            title="t" * title,
        )

    _, bare = raw_record(item_of(0, 0))
    room = RAW_RECORD_BYTES - bare.size
    item = item_of(room // 4 * 3 - 300, room % 4 + 400)
    _, record = raw_record(item)
    assert record.size == RAW_RECORD_BYTES
    assert not item.body.truncated
    still.connector_type.readings.append(Reading(stream=still.source, item=item))
    assert still.run(kafka).confirmed == 1
    assert ledger.read().raw(still.source) == [item]
