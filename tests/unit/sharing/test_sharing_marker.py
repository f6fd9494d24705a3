from __future__ import annotations

import pytest

from connectors.sharing.marker import Marker, not_before, read_marker, write_marker

HELD = Marker(state="held", epoch=7, worker="a/1", not_before=50.0)


def test_it_reads_back():
    assert read_marker(write_marker(HELD)) == HELD


def test_it_is_small_enough_for_any_broker():
    longest = Marker(state="released", epoch=2**31, worker="h" * 253 + "/4194304", not_before=1.8e9 / 7)
    assert len(write_marker(longest)) < 4096, "offset.metadata.max.bytes"


@pytest.mark.parametrize("metadata", [None, ""])
def test_nothing_is_no_marker(metadata):
    assert read_marker(metadata) is None


@pytest.mark.parametrize("metadata", ["something", "{}", '{"state":"lent","epoch":1,"worker":"x"}', "[1]"])
def test_what_another_program_wrote_stands_for_an_owner(metadata):
    found = read_marker(metadata)
    assert found is not None
    assert found.state == "held"


def test_who_comes_first_need_not_wait():
    assert not_before(None, 1000.0, 60.0) == 0.0


def test_after_a_release_nobody_waits_but_for_whom_the_last_one_waited():
    released = Marker(state="released", epoch=7, worker="a/1")
    assert not_before(released, 1000.0, 60.0) == 0.0
    waiting = Marker(state="released", epoch=7, worker="a/1", not_before=1030.0)
    assert not_before(waiting, 1000.0, 60.0) == 1030.0


def test_without_a_release_every_fetch_of_the_last_owner_must_have_ended():
    assert not_before(HELD, 1000.0, 60.0) == 1060.0
    waiting = Marker(state="held", epoch=7, worker="a/1", not_before=2000.0)
    assert not_before(waiting, 1000.0, 60.0) == 2000.0
