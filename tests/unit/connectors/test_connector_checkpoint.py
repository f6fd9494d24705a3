from __future__ import annotations

import json
import multiprocessing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.framework.checkpoint import FileCheckpoints, Ledger, MemoryCheckpoints
from connectors.framework.errors import ConfigError


def test_the_cursor_stays_before_the_first_gap():
    ledger = Ledger()
    first, second, third = (ledger.enter("s", {"at": n}) for n in (1, 2, 3))
    ledger.confirm(second)
    assert ledger.take_moved() == {}
    ledger.confirm(first)
    assert ledger.take_moved() == {"s": {"at": 2}}
    assert ledger.take_moved() == {}
    ledger.confirm(third)
    assert ledger.take_moved() == {"s": {"at": 3}}
    assert ledger.unconfirmed == 0


def test_streams_do_not_wait_for_one_another():
    ledger = Ledger()
    ledger.enter("slow", {"at": 1})
    ledger.confirm(ledger.enter("quick", {"at": 1}))
    assert ledger.take_moved() == {"quick": {"at": 1}}
    assert ledger.unconfirmed == 1


def test_a_reading_without_a_cursor_holds_the_checkpoint_but_does_not_move_it():
    ledger = Ledger()
    silent = ledger.enter("s", None)
    ledger.confirm(ledger.enter("s", {"at": 2}))
    assert ledger.take_moved() == {}
    ledger.confirm(silent)
    assert ledger.take_moved() == {"s": {"at": 2}}
    ledger.confirm(ledger.enter("s", None))
    assert ledger.take_moved() == {}


def test_a_reading_is_confirmed_once():
    ledger = Ledger()
    ticket = ledger.enter("s", None)
    ledger.confirm(ticket)
    with pytest.raises(AssertionError):
        ledger.confirm(ticket)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40).flatmap(
        lambda entries: st.tuples(st.just(entries), st.permutations(range(len(entries))))
    )
)
def test_at_every_moment_all_before_a_checkpoint_is_confirmed_and_nothing_confirmed_is_held_back(case):
    entries, order = case
    ledger = Ledger()
    tickets = [
        ledger.enter(stream, {"at": n} if cursor else None) for n, (stream, cursor) in enumerate(entries)
    ]
    checkpoint: dict[str, int] = {}
    confirmed: set[int] = set()
    for place in order:
        ledger.confirm(tickets[place])
        confirmed.add(place)
        checkpoint |= {stream: cursor["at"] for stream, cursor in ledger.take_moved().items()}
        for stream in "abc":
            mine = [n for n, (owner, _) in enumerate(entries) if owner == stream]
            prefix = []
            for n in mine:
                if n not in confirmed:
                    break
                prefix.append(n)
            reached = [n for n in prefix if entries[n][1]]
            assert checkpoint.get(stream) == (reached[-1] if reached else None)
    assert ledger.unconfirmed == 0
    assert ledger._open == {}


def test_memory_keeps_for_one_run():
    store = MemoryCheckpoints()
    store.save({"s": {"at": 1}})
    store.save({"t": {"at": 2}})
    assert store.load() == {"s": {"at": 1}, "t": {"at": 2}}


def test_a_file_keeps_between_runs(tmp_path):
    path = tmp_path / "deep" / "checkpoint.json"
    store = FileCheckpoints(path)
    assert store.load() == {}
    store.save({"s": {"at": 1}})
    store.save({"t": {"at": 2}})
    store.close()
    again = FileCheckpoints(path)
    assert again.load() == {"s": {"at": 1}, "t": {"at": 2}} == json.loads(path.read_text())
    again.close()
    assert sorted(one.name for one in path.parent.iterdir()) == ["checkpoint.json", "checkpoint.json.lock"]


def test_a_failed_save_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "checkpoint.json"
    store = FileCheckpoints(path)
    store.save({"s": {"at": 1}})
    with pytest.raises(TypeError):
        store.save({"s": {"at": object()}})
    store.close()
    assert json.loads(path.read_text()) == {"s": {"at": 1}}
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".lock"] == ["checkpoint.json"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"s": 5}', "\xff"])
def test_what_is_no_checkpoint_file_is_refused_and_let_go(tmp_path, content):
    path = tmp_path / "checkpoint.json"
    path.write_bytes(content.encode("latin-1"))
    for _ in range(2):
        with pytest.raises(ConfigError, match="no checkpoint file"):
            FileCheckpoints(path)


def _hold(path, held, leave):
    store = FileCheckpoints(path)
    held.set()
    leave.wait(200)
    store.close()


@pytest.mark.timeout(300)
def test_two_processes_do_not_share_a_file(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "c.json", held, leave))
    other.start()
    try:
        assert held.wait(100)
        with pytest.raises(ConfigError, match="in use by another process"):
            FileCheckpoints(tmp_path / "c.json")
    finally:
        leave.set()
        other.join(100)


def test_a_place_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        FileCheckpoints(tmp_path / "file" / "c.json")
