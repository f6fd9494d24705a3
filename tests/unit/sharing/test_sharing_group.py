from __future__ import annotations

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from connectors.framework.errors import Fatal
from connectors.sharing import group as group_module
from connectors.sharing.definitions import define
from connectors.sharing.desk import Right
from connectors.sharing.marker import Marker
from schemas.source import SourceState
from schemas.wire import encode
from tests.support.fake_group import BookRig, FakeTopics

NOW = "2026-11-24T08:00:00.000000Z"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(group_module, "ROUND_S", 0.0)
    # Its thread ends at once, but may wait for its turn on a busy machine.
    monkeypatch.setattr(group_module, "JOIN_S", 60.0)


def feed(number: int = 0, **fields):
    return define(f"https://example{number}.org/feed", now=NOW, **fields)


def state(generation: int, number: int = 0) -> bytes:
    return encode(
        SourceState(
            source_id=feed(number).source_id,
            generation=generation,
            worker="other",
            written_at="2026-11-24T09:00:00.000000Z",
        )
    )


def topics(*numbers: int) -> FakeTopics:
    made = FakeTopics()
    for number in numbers or (0,):
        made.define(0, feed(number))
    return made


async def test_what_is_assigned_is_read_marked_and_then_offered():
    rig = BookRig(topics(0, 1))
    rig.topics.write(0, True, feed(0).source_id, state(3))
    rig.group.generation = 7
    rig.assign(0)
    changes = await rig.changes()
    assert {each.source_id: each.state and each.state.generation for each in changes} == {
        feed(0).source_id: 3,
        feed(1).source_id: None,
    }
    assert rig.topics.markers[0] == Marker(state="held", epoch=7, worker="w")
    assert rig.book.holds(feed(0).source_id)


async def test_it_is_not_offered_before_the_broker_has_taken_the_mark():
    rig = BookRig(topics())
    rig.group.takes_marks = False
    rig.assign(0)
    assert await rig.changes() == []
    rig.group.takes_marks = True
    rig.rounds()
    assert len(await rig.changes()) == 1


async def test_it_waits_while_the_group_does_not_say_who_was_the_last_owner():
    rig = BookRig(topics())
    rig.group.answers = False
    rig.assign(0)
    assert await rig.changes() == []
    rig.group.answers = True
    rig.rounds()
    assert len(await rig.changes()) == 1


@pytest.mark.parametrize(
    ("generation", "highest", "last", "epoch"),
    [
        (7, 3, None, 7),
        (7, 7, None, 8),
        (1, 40, None, 41),
        (7, 3, 6, 7),
        (7, 3, 7, 8),
        (1, 3, 9, 10),
        (2, 40, 12, 41),
    ],
)
async def test_an_epoch_is_higher_than_every_one_before(generation, highest, last, epoch):
    rig = BookRig(topics())
    rig.topics.write(0, True, feed().source_id, state(highest))
    if last is not None:
        rig.topics.markers[0] = Marker(state="released", epoch=last, worker="other")
    rig.group.generation = generation
    rig.assign(0)
    assert rig.topics.markers[0].epoch == epoch
    right = rig.book.desk.right(feed().source_id)
    assert right is False, "it was not handed out"
    await rig.changes()
    right = rig.book.desk.right(feed().source_id)
    assert not isinstance(right, bool)
    assert right.epoch == epoch


async def test_after_an_owner_that_released_nobody_waits():
    rig = BookRig(topics())
    rig.topics.markers[0] = Marker(state="released", epoch=1, worker="other")
    rig.assign(0)
    (change,) = await rig.changes()
    assert change.not_before == 0.0


async def test_after_an_owner_that_died_its_fetches_are_waited_for():
    rig = BookRig(topics())
    rig.topics.markers[0] = Marker(state="held", epoch=1, worker="other")
    rig.assign(0)
    (change,) = await rig.changes()
    assert change.not_before == 1060.0
    assert rig.topics.markers[0].not_before == 1060.0, "for whom it is handed to meanwhile"


async def changes_to_the_end(rig: BookRig) -> None:
    while True:
        await rig.book.changes(0.05)


async def hand_over(rig: BookRig, *, save: bool = True) -> None:
    revoked = [each.source_id for each in await rig.changes() if each.kind == "revoked"]
    rig.book.released(revoked)
    rig.rounds(1)
    if save:
        rig.book.desk.saved(rig.book.desk.save_asked)
        rig.rounds(1)


async def test_handing_over_waits_for_the_sources_then_for_their_states_then_says_so():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    polls = rig.group.polls
    rig.revoke(0)
    rig.rounds()
    assert rig.topics.markers[0].state == "held"
    assert rig.book.desk.save_asked == 0, "a fetch is under way still"
    await hand_over(rig, save=False)
    assert rig.topics.markers[0].state == "held"
    assert rig.book.desk.save_asked
    assert rig.group.polls == polls + 1, "the group must not go on meanwhile"
    assert rig.book.desk.right(feed().source_id) == Right(0, 1), "its last state is to be written now"
    rig.book.desk.saved(rig.book.desk.save_asked)
    rig.rounds(2)
    assert rig.topics.markers[0] == Marker(state="released", epoch=1, worker="w")
    assert rig.group.polls > polls + 1
    assert rig.book.desk.right(feed().source_id) is False


async def test_a_source_whose_fetch_does_not_end_is_given_on_unreleased(monkeypatch):
    rig = BookRig(topics(), hand_over_s=5.0)
    rig.assign(0)
    await rig.changes()
    rig.revoke(0)
    later = time.monotonic() + 5.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with capture_logs() as logs:
        rig.rounds(1)
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == ["hand_over_timed_out"]
    assert rig.topics.markers[0].state == "held"
    polls = rig.group.polls
    rig.rounds(1)
    assert rig.group.polls == polls + 1


async def test_a_released_mark_that_the_broker_refuses_is_not_tried_again():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.revoke(0)
    rig.group.takes_marks = False
    await hand_over(rig)
    assert rig.topics.markers[0].state == "held"
    rig.rounds(1)
    assert rig.book.desk.count == 0


async def test_a_partition_that_goes_while_it_is_taken_over_is_as_before():
    rig = BookRig(topics())
    rig.topics.markers[0] = last = Marker(state="released", epoch=4, worker="other")
    rig.group.takes_marks = False
    rig.assign(0)
    rig.group.takes_marks = True
    rig.group.next.revoked = {0}
    rig.rounds(3)
    assert rig.topics.markers[0] == last
    assert await rig.changes() == []


async def test_what_is_lost_is_stopped_at_once():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.group.next.lost = {0}
    rig.rounds(1)
    assert not rig.book.holds(feed().source_id)
    assert rig.book.desk.right(feed().source_id) is False
    assert [each.kind for each in await rig.changes()] == ["revoked"]
    assert rig.topics.markers[0].state == "held", "others are to wait for what may be under way"


async def test_what_is_lost_and_assigned_again_is_taken_over_anew():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.group.next.lost, rig.group.next.assigned = {0}, {0}
    rig.group.generation = 2
    rig.rounds()
    changes = await rig.changes()
    assert [each.kind for each in changes] == ["revoked", "added"]
    assert changes[1].not_before == 1060.0, "its own fetches, too, may be under way"
    assert rig.topics.markers[0].epoch == 2


async def test_definitions_that_come_are_passed_on():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.topics.define(0, feed(enabled=False))
    rig.topics.define(0, feed(1))
    rig.topics.write(0, False, feed().source_id, None)
    rig.rounds(1)
    assert [each.kind for each in await rig.changes()] == ["changed", "added", "removed"]


async def test_a_state_of_an_older_owner_is_written_over_with_ours():
    rig = BookRig(topics())
    rig.group.generation = 5
    rig.topics.write(0, True, feed().source_id, state(3))
    rig.assign(0)
    await rig.changes()
    ours = rig.topics.write(0, True, feed().source_id, state(5))
    rig.book.desk.wrote(feed().source_id, ours)
    rig.rounds(1)
    assert not rig.book.desk.needs_save, "our own does not alarm us"
    rig.topics.write(0, True, feed().source_id, state(3))
    rig.rounds(1)
    (repair,) = rig.book.desk.repairs()
    assert (repair.offset, repair.value) == (ours, state(5))


async def test_before_our_first_write_what_we_took_over_stands_against_an_older_owner():
    rig = BookRig(topics())
    rig.group.generation = 5
    rig.topics.write(0, True, feed().source_id, state(3))
    rig.assign(0)
    await rig.changes()
    rig.topics.write(0, True, feed().source_id, state(2))
    rig.rounds(1)
    (repair,) = rig.book.desk.repairs()
    assert repair.offset == 0


async def test_a_newer_owners_state_is_left_alone_and_said():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.topics.write(0, True, feed().source_id, state(9))
    with capture_logs() as logs:
        rig.rounds(1)
    assert logs[0]["event"] == "newer_generation"
    assert not rig.book.desk.needs_save


async def test_what_is_ours_is_said_when_it_has_changed_and_all_is_read():
    rig = BookRig(topics(0, 1))
    with capture_logs() as logs:
        rig.assign(0, 2)
        rig.rounds()
        rig.group.next.lost = {2}
        rig.rounds()
    said = [(each["partitions"], each["sources"]) for each in logs if each["event"] == "assigned"]
    assert said == [([0, 2], 2), ([0], 2)]


async def test_a_worker_that_gets_nothing_is_ready_all_the_same():
    rig = BookRig()
    rig.group.stable = False
    with capture_logs() as logs:
        rig.rounds()
        rig.group.stable = True
        rig.rounds()
    assert [each["event"] for each in logs] == ["assigned"]


async def test_at_the_end_everything_is_released_and_the_group_left():
    rig = BookRig(topics())
    rig.book.start()
    rig.group.next.assigned = {0}
    while not await rig.book.changes(0.05):
        await asyncio.sleep(0)
    await asyncio.to_thread(rig.book.close)
    assert rig.topics.markers[0].state == "released"
    assert rig.group.closed
    assert rig.tail.closed
    with pytest.raises(Fatal, match="ended"):
        await changes_to_the_end(rig)


async def test_an_end_while_the_group_shares_anew_releases_everything_too():
    rig = BookRig(topics())
    rig.book.start()
    rig.group.next.assigned = {0}
    while not await rig.book.changes(0.05):
        await asyncio.sleep(0)
    rig.group.stable = rig.group.takes_marks = False
    await asyncio.to_thread(rig.book.close)
    assert rig.topics.markers[0].state == "released"


async def test_an_unclean_end_releases_nothing():
    rig = BookRig(topics())
    rig.book.start()
    rig.group.next.assigned = {0}
    while not await rig.book.changes(0.05):
        await asyncio.sleep(0)
    await asyncio.to_thread(rig.book.close, clean=False)
    assert rig.topics.markers[0].state == "held"
    assert rig.group.closed


async def test_a_worker_that_the_broker_keeps_out_is_told_and_holds_nothing():
    rig = BookRig(topics())
    rig.assign(0)
    await rig.changes()
    rig.group.failure = Fatal("kept out")
    rig.book.start()
    with pytest.raises(Fatal, match="kept out"):
        await changes_to_the_end(rig)
    assert not rig.book.holds(feed().source_id)
    await asyncio.to_thread(rig.book.close)


async def test_a_closed_book_that_never_started_lets_go():
    rig = BookRig()
    rig.book.close()
    assert rig.group.closed


async def test_partitions_are_taken_over_as_they_are_asked_for(monkeypatch):
    monkeypatch.setattr(group_module, "MOST_BACKLOG", 1)
    rig = BookRig(topics(0))
    rig.topics.define(1, feed(1))
    rig.assign(0, 1)
    rig.rounds()
    assert rig.topics.markers.keys() == {0}, "the second one's records would only lie in memory"
    assert len(await rig.changes()) == 1
    rig.rounds()
    assert rig.topics.markers.keys() == {0, 1}
