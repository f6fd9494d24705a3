from __future__ import annotations

import msgspec
import pytest

from schemas import limits
from schemas.ids import item_id_of_bytes
from schemas.raw_item import RawItem
from schemas.vocabulary import Lane
from schemas.wire import encode
from streams.engine.records import Done, Failed, Input
from streams.normalize.admit import LINK_KEY_CHARS
from streams.normalize.stage import normalize_inputs
from tests.support.pipeline import items

(ITEM,) = items([{"id": "a", "text": "Words enough to be taken for what somebody had to say about a thing."}])


def result(item: RawItem, lane: Lane | None = "live") -> Done | Failed:
    (found,) = normalize_inputs([Input(encode(item), 0)], lane)
    return found


def changed(**fields: object) -> RawItem:
    return msgspec.structs.replace(ITEM, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"native_id": "n" * limits.NATIVE_ID_CHARS, "source_id": "s" * limits.NATIVE_ID_CHARS},
        {"link_key": "l" * LINK_KEY_CHARS},
        {"fetched_at": "2026-11-24T08:00:00Z"},
        {"fetched_at": "0001-01-01T00:00:00.123456Z"},
        {"source_kind": "of a later version"},
    ],
)
def test_what_is_within_its_limits_is_taken(fields: dict[str, object]):
    found = result(changed(**fields))
    assert isinstance(found, Done), found
    assert found.ending is None


@pytest.mark.parametrize(
    "fields",
    [
        {"item_id": ""},
        {"item_id": "a" * 36},
        {"item_id": ITEM.item_id.upper()},
        {"item_id": ITEM.item_id + "0" * 5_000_000},
        {"native_id": ""},
        {"native_id": "n" * (limits.NATIVE_ID_CHARS + 1)},
        {"source_id": ""},
        {"source_id": "s" * (limits.NATIVE_ID_CHARS + 1)},
        {"link_key": ""},
        {"link_key": "l" * (LINK_KEY_CHARS + 1)},
        {"source_kind": "k" * 5_000},
        *({"fetched_at": at} for at in (
            "", "yesterday", "2026-11-24", "2026-11-24T08:00:00", "2026-11-24T08:00:00+01:00",
            "2026-13-24T08:00:00Z", "2026-02-30T08:00:00Z", "-2026-11-24T08:00:00Z", "99999-11-24T08:00:00Z",
            "2026-11-24T24:00:01Z", "٢٠٢٦-11-24T08:00:00Z", "2026-11-24T08:00:00Z\n", "0" * 5_000_000,
        )),
    ],
    ids=lambda fields: " ".join(f"{name}={value!s:.24}" for name, value in fields.items()),
)  # fmt: skip
def test_what_would_spoil_later_events_is_refused_with_short_facts(fields: dict[str, str]):
    item = changed(**fields)
    found = result(item)
    assert isinstance(found, Failed)
    assert found.reason == "wrong_schema"
    assert found.facts is not None
    assert len(msgspec.json.encode(found.facts)) < 20_000
    named = item_id_of_bytes(encode(item)) if "item_id" in fields else item.item_id
    assert found.facts.item_id == named


def test_an_item_of_the_other_lane_is_refused_in_the_lane_of_its_topic():
    found = result(changed(lane="backfill"))
    assert isinstance(found, Failed)
    assert (found.reason, found.facts and found.facts.lane) == ("wrong_lane", "live")
    assert isinstance(result(changed(lane="backfill"), "backfill"), Done)
    assert isinstance(result(changed(lane="backfill"), None), Done)
