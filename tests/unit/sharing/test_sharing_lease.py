from __future__ import annotations

import pytest

from connectors.sharing.lease import Beat, Instant, Lease, instant

SESSION_S = 10.0
BEAT = {"group_id": "g", "session_timeout_ms": 10_000, "heartbeat_interval_ms": 1_000}


class Time:
    def __init__(self) -> None:
        self.steady = self.wall = 1000.0

    def now(self) -> Instant:
        return Instant(self.steady, self.wall)

    def passes(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def lease(time) -> Lease:
    made = Lease(SESSION_S, 300.0, time.now)
    made.polled()
    return made


def test_without_an_answered_heartbeat_there_is_no_lease(lease, time):
    beat = Beat(lease, **BEAT)
    assert not lease.valid
    beat.sent_heartbeat()
    assert not lease.valid
    beat.received_heartbeat()
    assert lease.valid


def test_it_counts_from_sending_not_from_the_answer(lease, time):
    beat = Beat(lease, **BEAT)
    beat.sent_heartbeat()
    time.passes(5.0)
    beat.received_heartbeat()
    time.passes(2.9)
    assert lease.valid
    time.passes(0.2)
    assert not lease.valid, "8 s, the session less its margin, after it was sent"


def test_a_heartbeat_that_fails_renews_nothing(lease, time):
    beat = Beat(lease, **BEAT)
    beat.sent_heartbeat()
    beat.received_heartbeat()
    time.passes(7.0)
    beat.sent_heartbeat()
    beat.fail_heartbeat()
    time.passes(1.5)
    assert not lease.valid


def test_who_was_stopped_wakes_without_a_lease_until_a_heartbeat_sent_since_is_answered(lease, time):
    beat = Beat(lease, **BEAT)
    beat.sent_heartbeat()
    beat.received_heartbeat()
    beat.sent_heartbeat()
    time.passes(60.0)  # stopped; the answer lay in the socket meanwhile
    lease.polled()
    assert not lease.valid
    beat.received_heartbeat()
    assert not lease.valid, "the answer is to what was sent before"
    beat.sent_heartbeat()
    beat.received_heartbeat()
    assert lease.valid


def test_a_machine_whose_own_clock_stood_still_is_told_by_the_wall_clock(lease, time):
    lease.answered(time.now())
    time.wall += 60.0
    assert not lease.valid


def test_a_wall_clock_set_back_does_not_lengthen_it(lease, time):
    lease.answered(time.now())
    time.wall -= 3600.0
    time.passes(8.1)
    assert not lease.valid


def test_who_does_not_go_its_rounds_has_none_before_the_group_gives_it_up(time):
    lease = Lease(SESSION_S, 30.0, time.now)
    lease.polled()
    for _ in range(19):
        time.passes(1.0)
        lease.answered(time.now())
    assert lease.valid
    time.passes(1.0)
    lease.answered(time.now())
    assert not lease.valid, "ten seconds before max_poll_interval"
    lease.polled()
    assert lease.valid


def test_the_real_clocks_move():
    first, second = instant(), instant()
    assert second.steady >= first.steady
    assert abs(second.wall - first.wall) < 60
