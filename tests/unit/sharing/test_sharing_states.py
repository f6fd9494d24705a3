from __future__ import annotations

import msgspec
import pytest
from kafka import errors as kafka_errors
from structlog.testing import capture_logs

from connectors.framework import sink as sink_module
from connectors.framework.checkpoint import Checkpoints
from connectors.framework.connector import Connector, Reading
from connectors.framework.errors import Fatal
from connectors.framework.items import raw_item, text_body
from connectors.framework.runner import Runner, RunOptions
from connectors.framework.sink import Sink, SinkOptions
from connectors.framework.spec import Options, Spec
from connectors.framework.stop import Stop
from connectors.sharing.definitions import define
from connectors.sharing.desk import Desk, Part
from connectors.sharing.fold import Fold, Stored
from connectors.sharing.states import KafkaCheckpoints
from schemas.source import SourceState
from schemas.topics import RAW, SOURCE_STATE
from schemas.wire import decode, encode
from tests.support.fake_producer import FakeProducer

FEED = define("https://example.org/feed", now="2026-11-24T08:00:00.000000Z")


class Rig:
    def __init__(self) -> None:
        self.valid, self.hurry = True, False
        self.desk = Desk(lambda: self.valid)
        self.producer = FakeProducer()
        self.sink = Sink(SinkOptions(client={}), producer=lambda **_options: self.producer)
        self.states = KafkaCheckpoints(self.sink, self.desk, "w/1", hurry=lambda: self.hurry, hurried_s=0.05)

    async def held(self, number: int = 2, epoch: int = 5) -> Part:
        part = Part(number)
        part.epoch = epoch
        fold = Fold()
        fold.define(FEED.source_id, encode(FEED))
        self.desk.hand_out(part, fold)
        while await self.desk.changes(0.0):
            pass
        return part

    def written(self) -> list[SourceState]:
        return [decode(value, SourceState) for value in self.producer.values(SOURCE_STATE.name)]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_it_is_a_kind_of_checkpoints(rig):
    checkpoints: Checkpoints = rig.states
    assert checkpoints.load() == {}
    assert not checkpoints.wanted()
    checkpoints.close()


async def test_a_state_is_stamped_and_lies_with_its_definition(rig):
    part = await rig.held(number=2, epoch=5)
    rig.states.save({FEED.source_id: {"etag": '"a"', "cursor": {"page": 3}}})
    (sent,) = rig.producer.sent
    (state,) = rig.written()
    assert (state.generation, state.worker, state.etag, state.cursor) == (5, "w/1", '"a"', {"page": 3})
    assert (sent.topic, sent.key, sent.partition) == (SOURCE_STATE.name, FEED.source_id.encode(), 2)
    assert sent.header("ce_type") == SOURCE_STATE.ce_type
    assert sent.header("ce_subject") == FEED.source_id
    assert sent.header("ce_time") == state.written_at
    assert part.offsets[FEED.source_id] == 0, "where it lies is known"


async def test_what_a_cursor_says_of_its_writer_does_not_count(rig):
    await rig.held(epoch=5)
    rig.states.save({FEED.source_id: {"generation": 99, "worker": "x", "source_id": "y", "written_at": "z"}})
    (state,) = rig.written()
    assert (state.generation, state.worker, state.source_id) == (5, "w/1", FEED.source_id)


async def test_a_source_that_is_not_ours_is_not_written(rig):
    part = await rig.held()
    rig.desk.take_back(part, gone=True)
    rig.states.save({FEED.source_id: {}, "never ours": {}})
    assert rig.producer.sent == []


async def test_without_a_lease_states_wait_and_the_newest_is_written(rig):
    await rig.held()
    rig.valid = False
    rig.states.save({FEED.source_id: {"cursor": {"n": 1}}})
    rig.states.save({FEED.source_id: {"cursor": {"n": 2}}})
    assert rig.producer.sent == []
    rig.valid = True
    rig.states.save({})
    assert [each.cursor for each in rig.written()] == [{"n": 2}]


async def test_what_waited_for_the_lease_is_dropped_when_the_source_is_lost(rig):
    part = await rig.held()
    rig.valid = False
    rig.states.save({FEED.source_id: {}})
    rig.desk.take_back(part, gone=True)
    rig.valid = True
    rig.states.save({})
    assert rig.producer.sent == []


async def test_a_save_that_was_asked_for_is_done_when_the_broker_has_all(rig):
    await rig.held()
    number = rig.desk.ask_save()
    assert rig.states.wanted()
    rig.states.save({FEED.source_id: {}})
    assert rig.desk.is_saved(number)
    assert not rig.states.wanted()


async def test_a_save_is_not_done_while_a_state_waits_for_the_lease(rig):
    await rig.held()
    number = rig.desk.ask_save()
    rig.valid = False
    rig.states.save({FEED.source_id: {}})
    assert not rig.desk.is_saved(number)


async def test_the_state_of_a_revoked_source_is_written_after_it_is_let_go(rig):
    part = await rig.held(epoch=5)
    rig.desk.take_back(part, gone=False)
    rig.desk.released([FEED.source_id])
    number = rig.desk.ask_save()
    rig.states.save({FEED.source_id: {"cursor": {"n": 1}}})
    assert [(each.generation, each.cursor) for each in rig.written()] == [(5, {"n": 1})]
    assert rig.desk.is_saved(number)


async def test_at_the_end_the_lease_is_waited_for(rig, monkeypatch):
    await rig.held()
    rig.valid, rig.hurry = False, True
    monkeypatch.setattr(rig.sink, "wait", lambda _timeout_s: setattr(rig, "valid", True))
    rig.states.save({FEED.source_id: {"cursor": {"n": 1}}})
    assert [each.cursor for each in rig.written()] == [{"n": 1}]


async def test_what_was_in_doubt_before_the_end_is_asked_for_again_at_it(rig):
    await rig.held()
    rig.valid = False
    rig.states.save({FEED.source_id: {}})
    assert not rig.states.wanted(), "the usual time is soon enough"
    rig.hurry = True
    assert rig.states.wanted()
    rig.valid = True
    rig.states.save({})
    assert len(rig.written()) == 1
    assert not rig.states.wanted()
    assert not rig.states.gave_up


async def test_at_the_end_a_lease_that_does_not_come_is_waited_for_only_so_long(rig):
    await rig.held()
    rig.valid, rig.hurry = False, True
    with capture_logs() as logs:
        rig.states.save({FEED.source_id: {}})
    assert [(each["event"], each["not_written"]) for each in logs] == [("states_not_confirmed", 1)]
    assert rig.producer.sent == []
    assert rig.states.gave_up, "so that nobody says that all is saved"


async def test_in_a_hurry_it_is_waited_for_only_so_long(rig):
    await rig.held()
    rig.producer.holding = True
    rig.hurry = True
    number = rig.desk.ask_save()
    assert not rig.states.gave_up
    with capture_logs() as logs:
        rig.states.save({FEED.source_id: {}})
    assert logs[0]["event"] == "states_not_confirmed"
    assert rig.states.gave_up, "so that nobody says that all is saved"
    assert not rig.desk.is_saved(number)


async def test_an_older_owners_state_is_written_over_with_the_one_that_counts(rig):
    part = await rig.held(epoch=5)
    rig.states.save({FEED.source_id: {"cursor": {"n": 1}}})
    counts = rig.producer.values(SOURCE_STATE.name)[0]
    rig.desk.repair(part, FEED.source_id, Stored(5, 0, counts))
    assert rig.states.wanted()
    rig.states.save({})
    first, again = rig.written()
    assert (again.generation, again.cursor) == (5, {"n": 1})
    assert again.written_at > first.written_at


async def test_a_newer_state_of_ours_takes_the_place_of_the_repair(rig):
    part = await rig.held()
    rig.states.save({FEED.source_id: {"cursor": {"n": 1}}})
    rig.desk.repair(part, FEED.source_id, Stored(5, 0, rig.producer.values(SOURCE_STATE.name)[0]))
    rig.states.save({FEED.source_id: {"cursor": {"n": 2}}})
    assert [each.cursor["n"] for each in rig.written()] == [1, 2]


async def test_a_removed_sources_state_is_removed(rig):
    part = await rig.held(number=1)
    rig.desk.define(part, FEED.source_id, None)
    rig.states.save({FEED.source_id: {}})
    (sent,) = rig.producer.sent
    assert (sent.key, sent.value, sent.partition) == (FEED.source_id.encode(), None, 1)


async def test_a_state_that_the_broker_refuses_ends_the_run(rig):
    await rig.held()
    rig.producer.answer = lambda _sent: kafka_errors.MessageSizeTooLargeError()
    with pytest.raises(Fatal, match="refuses a source's state"):
        rig.states.save({FEED.source_id: {}})


class Steps(Connector[Options]):
    spec = Spec(name="steps", kind="feed", summary="", description="", options=Options)
    keeps_place = True

    def __init__(self, readings) -> None:
        self.readings = readings

    def open(self, options, checkpoint) -> None:
        assert not checkpoint

    def read(self):
        yield from self.readings

    def close(self) -> None: ...


async def test_under_the_runner_a_state_follows_its_items_and_an_asked_save_does_not_wait(rig, monkeypatch):
    monkeypatch.setattr(sink_module, "LOOK_S", 0.0)
    await rig.held()
    saved = []

    def readings():
        for n in range(3):
            item = raw_item(
                source_id=FEED.source_id,
                source_kind="feed",
                native_id=str(n),
                fetched_at=f"2026-11-24T09:00:0{n}.000000Z",
                body=text_body(str(n), "text/plain"),
            )
            yield Reading(stream=FEED.source_id, item=item, cursor={"cursor": {"n": n}})
        number = rig.desk.ask_save()
        while not rig.desk.is_saved(number):
            yield Reading(stream="waiting")
        saved.append(number)

    runner = Runner(
        Steps(readings()),
        Options(),
        rig.sink,
        checkpoints=rig.states,
        stop=Stop(),
        run_options=RunOptions(checkpoint_interval_s=3600.0),
    )
    report = runner.run()
    assert report.error is None
    assert saved, "it was saved while reading went on"
    assert len(rig.producer.values(RAW.name)) == 3
    assert rig.written()[-1].cursor == {"n": 2}
    assert not runner._reader._read_to, "who keeps its place itself costs no memory here"


def test_a_cursor_of_builtins_is_what_the_schema_says():
    state = SourceState(source_id="s", generation=1, worker="w", written_at="t", etag="e")
    builtins = msgspec.to_builtins(state)
    assert msgspec.convert(builtins, SourceState) == state
