"""The parts of the loop: what is due, whose turn it is, and the way out."""

from __future__ import annotations

import asyncio
import threading

from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.agenda import SPARE, Agenda, Held
from connectors.feeds.outlet import Outlet
from connectors.feeds.poller import host_of
from connectors.feeds.turns import Turns
from connectors.framework.connector import Reading
from connectors.framework.handoff import READING_BYTES

INFINITY = float("inf")


def held(name: str) -> Held:
    return Held(name, b"", b"")


def agenda_of(**times: float) -> Agenda:
    agenda = Agenda()
    for name, at in times.items():
        agenda.add(one := held(name))
        agenda.schedule(one, at)
    return agenda


def taken(agenda: Agenda, now: float) -> list[str]:
    found = []
    while (one := agenda.take(now)) is not None:
        found.append(one.source_id)
    return found


def test_what_is_due_longest_comes_first_and_of_equals_what_came_first():
    agenda = agenda_of(z=5, a=5, late=9, early=1)
    assert agenda.next_at() == 1
    assert taken(agenda, 5) == ["early", "z", "a"]
    assert agenda.next_at() == 9
    assert taken(agenda, 8) == []
    assert taken(agenda, 9) == ["late"]
    assert agenda.next_at() == INFINITY


def test_a_new_time_replaces_the_old_one():
    agenda = agenda_of(a=1, b=2)
    one = agenda.get("a")
    assert one is not None
    agenda.schedule(one, 3)
    assert taken(agenda, 10) == ["b", "a"]
    agenda.schedule(one, INFINITY)
    assert taken(agenda, 1e12) == []


def test_what_was_removed_never_comes_and_what_came_back_comes_once():
    agenda = agenda_of(a=1, b=2)
    agenda.remove("a")
    assert len(agenda) == 1
    assert taken(agenda, 10) == ["b"]
    agenda = agenda_of(a=1)
    agenda.remove("a")
    agenda.add(again := held("a"))
    agenda.schedule(again, 1)
    assert [agenda.take(1), agenda.take(1)] == [again, None]


def test_what_goes_before_others_is_due_no_earlier():
    agenda = agenda_of(poll=100)
    assert agenda.first_due() == 100
    agenda.add(page := held("page"))
    agenda.schedule(page, 90, due=120)
    assert (agenda.next_at(), agenda.first_due()) == (90, 120)
    assert taken(agenda, 130) == ["page", "poll"]
    assert agenda.first_due() == INFINITY


def test_times_that_were_replaced_do_not_pile_up():
    agenda = agenda_of(a=0)
    one = agenda.get("a")
    assert one is not None
    for at in range(10 * SPARE):
        agenda.schedule(one, at)
    assert len(agenda._heap) <= SPARE + 3
    assert taken(agenda, 1e9) == ["a"]


def test_one_fetch_at_a_time_to_a_host():
    turns = Turns(8)
    assert turns.ask("h", held("a"), 0, 0)
    assert not turns.ask("h", held("b"), 0, 0)
    assert turns.ask("i", held("c"), 0, 0)
    assert turns.next(0) is None
    turns.done("h", 1.0, 0.1)
    found = turns.next(1.0)
    assert found is not None
    assert (found[0], found[1].source_id) == ("h", "b")
    assert turns.ask("h", found[1], 1.0, 0, front=True)
    turns.done("h", 2.0, 0.1)
    turns.done("i", 2.0, 0.1)
    assert turns.idle
    assert turns.running == (0, 0)


def test_a_host_that_wants_to_be_left_alone_is_waited_for_without_a_slot():
    turns = Turns(8)
    assert not turns.ask("h", held("a"), 0.0, 5.0)
    assert turns.running == (0, 0)
    assert not turns.ask("h", held("b"), 1.0, 4.0), "behind the first"
    assert turns.next_at() == 5.0
    assert turns.next(4.9) is None
    host, one = turns.next(5.0) or ("", held(""))
    assert (host, one.source_id) == ("h", "a")
    turns.settle("h", 5.0)
    assert (turns.next(5.0) or ("", held("")))[1].source_id == "b", "the first wanted nothing after all"


def test_the_order_in_a_line_stays():
    turns = Turns(8)
    for name in "abcd":
        turns.ask("h", held(name), 0.0, 0.0)
    order, now = ["a"], 0.0
    while not turns.idle:
        turns.done("h", now, 0.1)
        found = turns.next(now)
        if found is None:
            break
        host, one = found
        # Somebody else asks meanwhile, and each waits for a gap.
        if not turns.ask(host, one, now, 5.0, front=True):
            now += 5.0
            host, one = turns.next(now) or ("", held(""))
            assert turns.ask(host, one, now, 0.0, front=True)
        order.append(one.source_id)
    assert order == list("abcd")


def test_slow_hosts_are_among_themselves():
    turns = Turns(8)  # two at once, and six slow ones
    for name in "ab":
        assert turns.ask(name, held(name), 0.0, 0.0)
    assert not turns.room
    turns.turned_slow("a")
    assert turns.room
    assert turns.running == (1, 1)
    turns.done("a", 1.0, 30.0)
    for number in range(6):
        turns.ask(f"slow-{number}", held("x"), 0.0, 0.0)
        turns.turned_slow(f"slow-{number}")
    assert turns.running == (1, 6)
    assert not turns.ask("a", held("a"), 2.0, 0.0), "known as slow, and the slow lane is full"
    assert turns.room
    assert turns.ask("c", held("c"), 2.0, 0.0), "others go on"
    turns.done("slow-0", 3.0, 30.0)
    found = turns.next(3.0)
    assert found is not None
    assert found[0] == "a"
    assert turns.ask("a", found[1], 3.0, 0.0, front=True)
    turns.done("a", 4.0, 0.1)
    turns.done("b", 4.0, 0.1)
    assert turns.ask("a", held("a"), 5.0, 0.0), "quick again"
    assert turns.running == (2, 5)


def test_with_one_fetch_at_a_time_there_is_no_slow_lane():
    turns = Turns(1)
    assert turns.ask("h", held("a"), 0.0, 0.0)
    turns.turned_slow("h")
    turns.done("h", 1.0, 60.0)
    assert turns.ask("h", held("a"), 2.0, 0.0)
    assert not turns.room


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["ask", "done", "slow", "time"]), st.floats(0, 3)),
        max_size=60,
    )
)
def test_nobody_is_forgotten_and_no_host_asked_twice(steps):
    turns, now, running, asked, served = Turns(4), 0.0, {}, 0, 0

    def begin(host: str, one: Held, wait: float, *, front: bool = False) -> None:
        nonlocal served
        if turns.ask(host, one, now, wait, front=front):
            assert host not in running
            running[host] = one
            served += 1

    def move() -> None:
        while turns.room and (found := turns.next(now)) is not None:
            begin(*found, 0.0, front=True)
            turns.settle(found[0], now)

    for host, step, amount in steps:
        if step == "ask" and turns.room:
            asked += 1
            begin(host, held(str(asked)), amount if amount > 2 else 0.0)
        elif step == "done" and host in running:
            del running[host]
            turns.done(host, now, amount)
        elif step == "slow":
            turns.turned_slow(host)
        else:
            now += amount
        move()
        assert sum(turns.running) == len(running) <= 4
    for _ in range(len(steps) + 1):
        for host in list(running):
            del running[host]
            turns.done(host, now, 0.1)
        now += 3.0
        move()
    assert served == asked
    assert turns.idle


def test_hosts_are_told_apart_by_port():
    assert host_of("HTTP://News.Example/feed") == host_of("https://news.example:443/") == "news.example"
    assert host_of("http://news.example:8080/") == "news.example:8080"
    assert host_of("http://[::1]:70000/") == ""


def reading(number: int) -> Reading:
    return Reading(stream=str(number))


async def test_who_puts_waits_for_room_and_the_order_stays():
    outlet = Outlet(3 * READING_BYTES)
    loop = asyncio.get_running_loop()
    puts = [asyncio.create_task(outlet.put(reading(number))) for number in range(10)]
    await asyncio.sleep(0.05)
    assert sum(put.done() for put in puts) == 3
    assert outlet.full
    puts[5].cancel()
    got: list[str] = []
    taker = threading.Thread(target=lambda: got.extend(one.stream for one in outlet.take(loop)))
    taker.start()
    await asyncio.wait(puts)
    outlet.end()
    await asyncio.to_thread(taker.join)
    assert got == ["0", "1", "2", "3", "4", "6", "7", "8", "9"]
    assert not outlet.full


async def test_what_ended_the_loop_is_raised_where_it_is_read():
    outlet = Outlet(READING_BYTES)
    await outlet.put(reading(1))
    outlet.end(ZeroDivisionError("a defect"))
    rest = outlet.take(asyncio.get_running_loop())
    assert next(rest).stream == "1"
    try:
        next(rest)
    except ZeroDivisionError:
        return
    raise AssertionError("nothing was raised")
