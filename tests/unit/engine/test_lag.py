"""What kafka_consumergroup_lag shows, over a consumer that knows as little as Faust's does."""

from __future__ import annotations

from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from prometheus_client import generate_latest

from newswire.telemetry.metrics import REGISTRY
from streams.engine.lag import LagGauge, lags_of

ONE, TWO = TP("news.unique.v1", 0), TP("news.unique.v1", 1)


class Consumer:
    """Knows what it is told; asks a broker whose partitions hold the offsets 100 to 130."""

    def __init__(self, *owned: TP) -> None:
        self.owned = set(owned)
        self._committed_offset: dict[TP, int | None] = {}
        self.asked_for_firsts: list[TP] = []

    def committed(self, tp: TP, offset: int) -> None:
        self._committed_offset[tp] = offset

    def assignment(self) -> set[TP]:
        return self.owned

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        assert partitions, "Kafka's clients take none for all"
        return dict.fromkeys(partitions, 130)

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        self.asked_for_firsts += partitions
        return dict.fromkeys(partitions, 100)


async def test_a_group_that_never_committed_has_all_before_it():
    assert await lags_of(Consumer(ONE), {}) == {ONE: 30}


async def test_what_is_delivered_counts_before_what_is_committed():
    consumer = Consumer(ONE, TWO)
    consumer.committed(ONE, 110)
    consumer.committed(TWO, 120)
    assert await lags_of(consumer, {("news.unique.v1", 0): 128}) == {ONE: 2, TWO: 10}
    assert consumer.asked_for_firsts == []


async def test_first_offsets_are_asked_for_only_where_nothing_else_is_known():
    consumer = Consumer(ONE, TWO)
    consumer.committed(ONE, 120)
    assert await lags_of(consumer, {}) == {ONE: 10, TWO: 30}
    assert consumer.asked_for_firsts == [TWO]


async def test_an_end_that_is_older_than_what_is_done_is_no_lag():
    assert await lags_of(Consumer(ONE), {("news.unique.v1", 0): 132}) == {ONE: 0}


def shown(group: str) -> list[str]:
    lines = generate_latest(REGISTRY).decode().splitlines()
    return [line for line in lines if f'consumergroup="{group}"' in line]


def test_a_partition_that_went_elsewhere_is_not_shown():
    gauge = LagGauge("lag-test")
    gauge.show({ONE: 30, TWO: 10})
    assert len(shown("lag-test")) == 2
    gauge.show({TWO: 9})
    assert shown("lag-test") == [
        'kafka_consumergroup_lag{consumergroup="lag-test",partition="1",topic="news.unique.v1"} 9.0'
    ]
    gauge.show({})
    assert shown("lag-test") == []


async def test_no_partition_no_lag():
    assert await lags_of(Consumer(), {}) == {}


async def test_a_consumer_that_is_being_started_has_no_lag():
    class Starting(Consumer):
        def assignment(self) -> set[TP]:
            raise ConsumerNotStarted

    assert await lags_of(Starting(), {}) == {}
