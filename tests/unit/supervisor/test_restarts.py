"""When a child is started again."""

from __future__ import annotations

import pytest

from newswire.supervisor.restarts import MENDABLE, RestartPolicy, Restarts

POLICY = RestartPolicy(first_wait_s=0.5, longest_wait_s=3.0, crashes=5, window_s=60.0)


def test_waits_double_up_to_the_longest_and_a_crash_loop_is_given_up():
    restarts = Restarts(POLICY)
    assert [restarts.ended(float(at), 1) for at in range(5)] == [0.5, 1.0, 2.0, 3.0, None]


def test_ends_that_are_far_apart_are_no_loop():
    restarts = Restarts(POLICY)
    assert [restarts.ended(at * 61.0, -9) for at in range(20)] == [0.5] * 20


@pytest.mark.parametrize("ends", [5, 500])
def test_what_a_user_can_mend_is_tried_without_end(ends: int):
    restarts = Restarts(POLICY)
    waits = [restarts.ended(float(at), MENDABLE) for at in range(ends)]
    assert None not in waits
    assert waits[-1] == 3.0
