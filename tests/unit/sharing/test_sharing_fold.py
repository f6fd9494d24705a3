from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connectors.sharing.definitions import define
from connectors.sharing.fold import Fold, definition_in, generation_of, state_in
from schemas.source import SourceState
from schemas.wire import encode

FEED = define("https://example.org/feed", now="2026-11-24T08:00:00.000000Z")


def state(generation: int, note: int = 0, written_at: str = "2026-11-24T09:00:00.000000Z") -> bytes:
    made = SourceState(
        source_id=FEED.source_id,
        generation=generation,
        worker="w",
        written_at=written_at,
        cursor={"note": note},
    )
    return encode(made)


def folded(*records: tuple[int, bytes | None]) -> Fold:
    fold = Fold()
    fold.define(FEED.source_id, encode(FEED))
    for offset, value in records:
        fold.state(FEED.source_id, offset, value)
    return fold


def winner(fold: Fold) -> Any:
    ((_, _, stored),) = fold.sources()
    return stored


def test_the_highest_generation_counts_and_of_it_the_last():
    stored = winner(folded((0, state(3)), (1, state(5, 1)), (2, state(5, 2)), (3, state(4))))
    assert (stored.generation, stored.offset) == (5, 2)


def test_what_an_older_owner_wrote_after_a_newer_one_is_to_be_written_over():
    fold = folded((0, state(5)), (1, state(4)))
    assert [source_id for source_id, _ in fold.overtaken()] == [FEED.source_id]
    assert not folded((0, state(5)), (1, state(4)), (2, state(5))).overtaken()
    assert not folded((0, state(4)), (1, state(5))).overtaken()


def test_a_removed_state_is_none_and_what_follows_counts_anew():
    assert winner(folded((0, state(5)), (1, None))) is None
    assert winner(folded((0, state(5)), (1, None), (2, state(2)))).generation == 2


def test_the_highest_generation_is_known_also_of_what_does_not_count():
    fold = folded((0, state(5)), (1, None))
    assert fold.highest == 5


def test_a_removed_definition_takes_its_state_with_it():
    fold = folded((0, state(5)))
    fold.define(FEED.source_id, None)
    assert list(fold.sources()) == []


@given(st.lists(st.integers(1, 6) | st.none(), max_size=12), st.data())
def test_it_is_what_compaction_may_leave(generations, data):
    """Compaction keeps the last record of a key and any of those before it that it did not reach yet."""
    records = [
        (offset, None if generation is None else state(generation, offset))
        for offset, generation in enumerate(generations)
    ]
    whole = winner(folded(*records))
    if not records or whole is None:
        return
    last = records[-1]
    kept = [one for one in records if one == last or data.draw(st.booleans())]
    if whole.offset == last[0]:
        left = winner(folded(*kept))
        assert left is not None
        assert left.generation >= whole.generation or None in [value for _, value in records]
        if all(value is not None for _, value in records):
            assert left.offset == whole.offset


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b'{"generation":"x"}', b"\xff\xfe", b'{"source_id":"a"}']
)
def test_a_state_that_cannot_be_read_is_set_aside_and_said(value):
    with capture_logs() as logs:
        fold = folded((0, state(5)), (1, value))
    assert winner(fold).offset == 0
    assert logs[0]["event"] == "record_set_aside"
    assert generation_of("x", value) is None


def test_a_definition_that_cannot_be_read_or_is_of_another_source_is_none():
    assert definition_in(FEED.source_id, encode(FEED)) == FEED
    with capture_logs() as logs:
        assert definition_in(FEED.source_id, b"{}") is None
        assert definition_in("another", encode(FEED)) is None
    assert [each["event"] for each in logs] == ["record_set_aside"] * 2


def test_a_state_of_an_earlier_life_of_the_source_is_none():
    assert state_in(FEED, state(5)) is not None
    assert state_in(FEED, None) is None
    assert state_in(FEED, state(5, written_at="2026-11-24T07:59:59.000000Z")) is None
    again = msgspec.structs.replace(FEED, added_at="2026-11-24T09:00:01Z")
    assert state_in(again, state(5)) is None


def test_a_time_that_is_none_does_not_cost_the_state():
    assert state_in(FEED, state(5, written_at="yesterday")) is not None


def test_unknown_fields_and_statuses_of_a_newer_version_are_read():
    newer = msgspec.json.decode(state(5)) | {"tomorrow": 1, "health": {"status": "mended", "odds": 2}}
    read = state_in(FEED, msgspec.json.encode(newer))
    assert read is not None
    assert read.health.status == "mended"
