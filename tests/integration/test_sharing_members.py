"""Members of the group that shares sources, over a real broker and without processes around them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest

from connectors.sharing import membership as membership_module
from connectors.sharing.lease import Lease
from connectors.sharing.marker import Marker
from connectors.sharing.membership import GroupOptions, Membership
from newswire.broker import DevBroker
from tests.support.brokers import PARTITIONS, settings_for
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SESSION_S = 300.0
"""Longer than the test: who is out of the group has said so, and was not given up."""
RELEASED = Marker(state="released", epoch=1, worker="one")


class Member:
    """A member that takes part when the test says so."""

    def __init__(self, options: GroupOptions) -> None:
        self.group = Membership(options, Lease(options.session_timeout_s, options.max_poll_interval_s))
        self.owned: set[int] = set()

    def poll(self) -> None:
        change = self.group.poll()
        self.owned = (self.owned - change.revoked - change.lost) | change.assigned


@contextmanager
def joined(options: GroupOptions, count: int) -> Iterator[list[Member]]:
    """Make members of which each has its share."""
    with ExitStack() as stack:
        members = []
        for _ in range(count):
            members.append(Member(options))
            stack.callback(members[-1].group.close, patient=False)
            eventually(partial(shared, members), "all partitions are shared")
        yield members


def poll(members: list[Member]) -> None:
    """Let all of them poll at once: who is answered while it does not poll joins once more."""
    with ThreadPoolExecutor(len(members)) as pool:
        list(pool.map(Member.poll, members))


def shared(members: list[Member]) -> bool:
    poll(members)
    owned = sorted(number for member in members for number in member.owned)
    return all(member.group.stable and member.owned for member in members) and owned == [*range(PARTITIONS)]


@pytest.fixture
def options(clean_kafka: DevBroker, monkeypatch: pytest.MonkeyPatch) -> GroupOptions:
    monkeypatch.setattr(membership_module, "HEARTBEATS_PER_SESSION", 600)
    return GroupOptions.of(settings_for(clean_kafka, kafka_session_timeout_s=SESSION_S))


def test_who_ends_while_others_are_waited_for_says_what_it_lets_go_and_leaves(options: GroupOptions) -> None:
    with joined(options, 2) as (one, two), joined_by_one_more(options, one) as three:
        # It has joined anew and the broker waits for the second one, which does not.
        markers, offsets = dict.fromkeys(one.owned, RELEASED), dict.fromkeys(one.owned, 0)
        assert not one.group.mark(markers, offsets), "kafka-python asks nobody now"
        assert one.group.mark_last(markers, offsets)
        assert two.group.markers(one.owned) == markers
        one.group.close()
        eventually(partial(shared, [two, three]), "the others have all of it")


@contextmanager
def joined_by_one_more(options: GroupOptions, *those: Member) -> Iterator[Member]:
    """Let another member join, and those that are there already; the others are left to be waited for."""
    joiner = Member(options)
    members = [joiner, *those]

    def waited_for() -> bool:
        poll(members)
        return not any(member.group.stable for member in members)

    try:
        eventually(waited_for, "others are waited for")
        yield joiner
    finally:
        joiner.group.close(patient=False)


def test_who_ends_with_its_share_says_so_as_ever(options: GroupOptions) -> None:
    with joined(options, 2) as (one, two):
        markers, offsets = dict.fromkeys(one.owned, RELEASED), dict.fromkeys(one.owned, 0)
        assert one.group.mark_last(markers, offsets)
        assert two.group.markers(one.owned) == markers
        one.group.close()
        eventually(partial(shared, [two]), "the other one has all of it")
