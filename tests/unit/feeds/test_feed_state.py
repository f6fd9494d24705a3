"""What is kept of a source: in memory, in a checkpoint, and in what broke off in between."""

from __future__ import annotations

import json

import msgspec
import pytest
from structlog.testing import capture_logs

from connectors.feeds.cursor import SourceCursor, state_from, stored_of, to_builtins
from connectors.feeds.health import Standing
from connectors.feeds.pages import Page
from connectors.feeds.redirects import Address
from connectors.feeds.revisits import Learned, Visit
from connectors.feeds.schedule import Hints
from connectors.feeds.state import FeedState, packed, packed_definition, unpacked, unpacked_definition
from connectors.feeds.validators import Validators
from schemas.base import Publisher
from schemas.raw_item import FeedEntry
from schemas.source import Folder, SourceState
from tests.support.polling import definition

FULL = FeedState(
    polls=7,
    polled_at=1_795_500_000.25,
    next_poll_at=1_795_503_600.5,
    interval_s=3_600.0,
    asked_s=120.0,
    hints=Hints(60.0, 0.0, 5, 64),
    validators=Validators('W/"e"', "Tue", 3, 1_795_400_000.0, 1_795_490_000.0, 0.0),
    address=Address("https://b.example/", "https://c.example/", 2, 1),
    standing=Standing("stale", "why", 1_795_500_000.0, 0.25, 1_795_500_000.0, 1_790_000_000.0),
    window=bytes(range(48)),
    largest=30,
    body=b"12345678",
    missed=2,
    missed_at=1_795_000_000.0,
    pages=(Page("n", "https://a.example/1", "live", 5.5, FeedEntry(title="t", authors=["a"]), 1, True),),
    visits=(Visit("m", "https://a.example/2", "live", 9.25, 1.0, 2, b"abcdefgh", "t", "p", "e", None, 1),),
    learned=Learned(40, 2),
)


def read_back(builtins: object) -> FeedState:
    stored = stored_of(json.loads(msgspec.json.encode(builtins)))
    assert stored is not None
    return state_from(stored)


@pytest.mark.parametrize("state", [FeedState(), FULL])
def test_a_state_survives_memory_and_checkpoints(state):
    assert unpacked(packed(state)) == state
    assert read_back(to_builtins("id", state)) == state
    assert read_back(dict(SourceCursor("id", packed(state)))) == state
    assert read_back(dict(SourceCursor("id", lambda: state))) == state


def test_it_is_what_the_contract_says():
    written = to_builtins("00000000-0000-5000-8000-000000000000", FULL) | {
        "generation": 3,
        "worker": "w",
        "written_at": "2026-11-24T00:00:00Z",
    }
    state = msgspec.json.decode(msgspec.json.encode(written), type=SourceState, strict=True)
    assert (state.etag, state.current_url, state.interval_s) == ('W/"e"', "https://b.example/", 3_600)
    assert state.health.status == "stale"
    assert len(state.seen.native_ids) == len(state.seen.body_hashes) == 3


def test_a_cursor_is_made_when_somebody_looks():
    made = []

    def make() -> FeedState:
        made.append(1)
        return FULL

    cursor = SourceCursor("id", make)
    assert made == []
    assert cursor["source_id"] == "id"
    assert set(cursor) == set(to_builtins("id", FULL))
    assert made == [1]


@pytest.mark.parametrize(
    "given",
    [
        {"cursor": {"format": 2}},
        {"cursor": {"pages": "x"}},
        {"cursor": {"validators": ["many"]}},
        {"cursor": {"polls": "many"}},
        {"seen": {"native_ids": ["x"], "body_hashes": []}},
        {"seen": {"native_ids": ["not a hash"], "body_hashes": ["nor this"]}},
        {"health": {"failures": "many"}},
        {"cursor": []},
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(given):
    with capture_logs() as said:
        stored = stored_of({"source_id": "id", **given})
        state = FeedState() if stored is None else state_from(stored)
    assert state == FeedState()
    assert [one["log_level"] for one in said] == ["warning"]


def test_an_older_state_without_a_cursor_keeps_what_there_is():
    stored = stored_of({"etag": "e", "current_url": "u", "next_poll_at": "2026-11-24T00:00:00Z"})
    assert stored is not None
    state = state_from(stored)
    assert (state.validators.etag, state.address.adopted) == ("e", "u")
    assert state.next_poll_at == 1_795_478_400.0


def test_definitions_are_kept_short():
    plain = definition("https://news.example.org/feed")
    assert unpacked_definition(packed_definition(plain)) == plain
    assert len(packed_definition(plain)) < 250
    rich = definition(
        "https://news.example.org/feed",
        name="N",
        publisher=Publisher(name="P"),
        tags=["a"],
        enabled=False,
        revisit_after_s=(),
        allow_hosts=["h"],
        options={"a": 1},
        attributes={"b": "c"},
        folders=[Folder(tag="a", attributes={"b": "c"})],
    )
    # What a list said is written out again by the command, and polling has no use for it.
    polled = msgspec.structs.replace(rich, attributes={}, folders=[])
    assert unpacked_definition(packed_definition(rich)) == polled
