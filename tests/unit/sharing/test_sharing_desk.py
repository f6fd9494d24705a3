from __future__ import annotations

import asyncio

import pytest

from connectors.framework.errors import Fatal
from connectors.sharing.book import Change
from connectors.sharing.definitions import define
from connectors.sharing.desk import MOST_CHANGES, NO_STATE, Desk, Part, Right
from connectors.sharing.fold import Fold, Stored
from schemas.source import SourceDefinition, SourceState
from schemas.wire import encode

NOW = "2026-11-24T08:00:00.000000Z"


def feed(number: int = 0, **fields) -> SourceDefinition:
    return define(f"https://example{number}.org/feed", now=NOW, **fields)


def state(definition: SourceDefinition, generation: int = 1) -> bytes:
    return encode(
        SourceState(
            source_id=definition.source_id,
            generation=generation,
            worker="w",
            written_at="2026-11-24T09:00:00.000000Z",
        )
    )


class Rig:
    def __init__(self) -> None:
        self.valid = True
        self.desk = Desk(lambda: self.valid)

    def held(self, *definitions: SourceDefinition, number: int = 0, not_before: float = 0.0) -> Part:
        part = Part(number)
        part.epoch, part.not_before = 5, not_before
        fold = Fold()
        for offset, each in enumerate(definitions):
            fold.define(each.source_id, encode(each))
            fold.state(each.source_id, offset, state(each))
        self.desk.hand_out(part, fold)
        return part

    async def all(self) -> list[Change]:
        found: list[Change] = []
        while some := await self.desk.changes(0.0):
            found += some
        return found


async def test_what_is_ours_is_added_with_its_state_and_then_held():
    rig = Rig()
    rig.held(feed(), not_before=77.0)
    assert not rig.desk.holds(feed().source_id), "nobody asked for it yet"
    (change,) = await rig.all()
    assert (change.kind, change.definition, change.not_before) == ("added", feed(), 77.0)
    assert change.state is not None
    assert rig.desk.holds(feed().source_id)
    assert not rig.desk.holds(feed(1).source_id)


async def test_without_a_valid_lease_nothing_is_held():
    rig = Rig()
    rig.held(feed())
    await rig.all()
    rig.valid = False
    assert not rig.desk.holds(feed().source_id)
    rig.valid = True
    assert rig.desk.holds(feed().source_id)


async def test_a_large_partition_comes_in_portions():
    rig = Rig()
    rig.held(*map(feed, range(MOST_CHANGES + 1)))
    assert len(await rig.desk.changes(0.0)) == MOST_CHANGES
    assert len(await rig.desk.changes(0.0)) == 1


async def test_definitions_that_come_later_are_added_changed_and_removed():
    rig = Rig()
    part = rig.held()
    rig.desk.define(part, feed().source_id, encode(feed()))
    rig.desk.define(part, feed().source_id, encode(feed(enabled=False)))
    rig.desk.define(part, feed().source_id, None)
    rig.desk.define(part, feed(9).source_id, None)
    changes = await rig.all()
    assert [each.kind for each in changes] == ["added", "changed", "removed"]
    assert changes[1].definition == feed(enabled=False)
    assert not rig.desk.holds(feed().source_id)
    assert rig.desk.count == 0
    assert part.out == 0


async def test_waiting_ends_when_something_comes_and_when_the_time_is_over():
    rig = Rig()
    assert await rig.desk.changes(0.01) == []
    waiting = asyncio.create_task(rig.desk.changes(60.0))
    await asyncio.sleep(0.01)
    await asyncio.to_thread(rig.held, feed())
    assert [each.kind for each in await waiting] == ["added"]


async def test_what_is_taken_away_is_revoked_waited_for_and_may_still_be_written():
    rig = Rig()
    part = rig.held(feed(0), feed(1))
    await rig.all()
    rig.desk.take_back(part, gone=False)
    assert not rig.desk.holds(feed().source_id)
    changes = await rig.all()
    assert {each.source_id for each in changes} == {feed(0).source_id, feed(1).source_id}
    assert {each.kind for each in changes} == {"revoked"}
    assert part.out == 2
    assert rig.desk.right(feed(0).source_id) == Right(0, 5)
    rig.desk.released([feed(0).source_id, "never heard of", feed(0).source_id])
    assert part.out == 1
    rig.desk.released([feed(1).source_id])
    assert part.out == 0
    assert rig.desk.right(feed(0).source_id) == Right(0, 5), "their last states are only now to be saved"
    rig.desk.wrote(feed(0).source_id, 9)
    assert part.offsets[feed(0).source_id] == 9
    rig.desk.take_back(part, gone=True)
    assert rig.desk.right(feed(0).source_id) is False
    assert rig.desk.count == 0


async def test_what_is_let_go_and_then_removed_counts_once():
    rig = Rig()
    part = rig.held(feed(0), feed(1))
    await rig.all()
    rig.desk.take_back(part, gone=False)
    rig.desk.released([feed(0).source_id])
    rig.desk.define(part, feed(0).source_id, None)
    assert [each.kind for each in await rig.all()] == ["revoked", "revoked", "removed"]
    assert part.out == 1
    assert rig.desk.right(feed(0).source_id) is False


async def test_what_was_not_handed_out_yet_is_not_revoked_either():
    rig = Rig()
    part = rig.held(*map(feed, range(MOST_CHANGES + 5)))
    first = await rig.desk.changes(0.0)
    rig.desk.take_back(part, gone=False)
    changes = await rig.all()
    assert {each.kind for each in changes} == {"revoked"}
    assert {each.source_id for each in changes} == {each.source_id for each in first}


async def test_what_is_lost_may_not_be_written_and_is_not_waited_for():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.take_back(part, gone=True)
    assert part.out == 0
    assert rig.desk.right(feed().source_id) is False
    assert [each.kind for each in await rig.all()] == ["revoked"]
    rig.desk.released([feed().source_id])
    assert part.out == 0


async def test_what_was_leaving_and_is_gone_is_told_once():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.take_back(part, gone=False)
    rig.desk.take_back(part, gone=True)
    assert [each.kind for each in await rig.all()] == ["revoked"]


async def test_lost_and_come_back_is_told_in_this_order():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.take_back(part, gone=True)
    rig.held(feed())
    assert [each.kind for each in await rig.all()] == ["revoked", "added"]
    assert rig.desk.holds(feed().source_id)


async def test_whether_it_may_be_written_is_in_doubt_without_a_lease():
    rig = Rig()
    rig.held(feed())
    await rig.all()
    rig.valid = False
    assert rig.desk.right(feed().source_id) is True


async def test_a_removed_source_is_not_written_and_its_state_is_removed():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.define(part, feed().source_id, None)
    assert rig.desk.right(feed().source_id) is False
    (repair,) = rig.desk.repairs()
    assert (repair.source_id, repair.value) == (feed().source_id, None)


async def test_a_source_that_was_added_again_keeps_its_state():
    rig = Rig()
    part = rig.held(feed())
    rig.desk.define(part, feed().source_id, None)
    rig.desk.define(part, feed().source_id, encode(feed()))
    assert rig.desk.repairs() == []


async def test_what_an_older_owner_wrote_over_is_repaired_unless_we_wrote_since():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.repair(part, feed().source_id, Stored(5, 0, b"state"))
    assert rig.desk.needs_save
    assert [each.value for each in rig.desk.repairs()] == [b"state"]
    rig.desk.repair(part, feed().source_id, Stored(5, 0, b"state"))
    rig.desk.wrote(feed().source_id, 12)
    assert rig.desk.repairs() == []
    assert not rig.desk.needs_save


async def test_states_overtaken_before_we_took_over_are_repaired():
    rig = Rig()
    part, fold = Part(0), Fold()
    fold.define(feed().source_id, encode(feed()))
    fold.state(feed().source_id, 0, state(feed(), 4))
    fold.state(feed().source_id, 1, state(feed(), 3))
    part.epoch = 5
    rig.desk.hand_out(part, fold)
    assert [each.offset for each in rig.desk.repairs()] == [0]


async def test_the_offset_of_a_state_only_grows_and_only_of_what_is_known():
    rig = Rig()
    part = rig.held(feed())
    await rig.all()
    rig.desk.wrote(feed().source_id, 9)
    rig.desk.wrote(feed().source_id, 4)
    rig.desk.wrote("another", 4)
    assert part.offsets == {feed().source_id: 9}
    rig.desk.define(part, feed(1).source_id, encode(feed(1)))
    assert part.offsets[feed(1).source_id] == NO_STATE


async def test_a_definition_that_cannot_be_read_is_passed_over():
    rig = Rig()
    part = rig.held(feed())
    rig.desk.define(part, feed(1).source_id, b"{}")
    assert [each.source_id for each in await rig.all()] == [feed().source_id]


async def test_saves_are_numbered():
    rig = Rig()
    assert rig.desk.save_asked == 0
    first, second = rig.desk.ask_save(), rig.desk.ask_save()
    assert rig.desk.save_asked == second
    rig.desk.saved(first)
    assert rig.desk.is_saved(first)
    assert not rig.desk.is_saved(second)
    rig.desk.saved(second)
    assert rig.desk.save_asked == 0


async def test_the_end_is_told_after_what_came_before_it():
    rig = Rig()
    rig.held(feed())
    rig.desk.fail(Fatal("over"))
    assert [each.kind for each in await rig.desk.changes(0.0)] == ["added"]
    with pytest.raises(Fatal, match="over"):
        await rig.desk.changes(60.0)
    assert rig.desk.failure is not None
