"""How far a worker's group lies behind in the partitions that are its own, under kafka_exporter's name."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from newswire.telemetry.metrics import LAG
from streams.engine.records import Partition

__all__ = ["LagGauge", "Offsets", "lags_of"]


class Offsets(Protocol):
    """What is asked of Faust's consumer."""

    _committed_offset: Mapping[TP, int | None]

    def assignment(self) -> AbstractSet[TP]:
        """Return the partitions that are this worker's."""

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Ask the broker for the ends of partitions."""

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """Ask the broker for the first offsets that partitions still have."""


async def lags_of(consumer: Any, delivered: Mapping[Partition, int]) -> dict[TP, int]:
    """Return how many records of each partition are still to be done.

    Done is what lies before the offset that the engine has delivered up to, else before the one that the
    group has committed.  A group that never committed has all that the partition holds before it.  The broker
    is asked for the ends: the last fetch told them, too, but a stage that stands still fetches no more.  A
    consumer that is still being started has no partitions.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    offsets: Offsets = consumer
    try:
        owned = offsets.assignment()
    except ConsumerNotStarted:
        return {}
    done = {tp: delivered.get((tp.topic, tp.partition)) for tp in owned}
    committed = offsets._committed_offset  # noqa: SLF001 - Faust offers no other way
    done |= {tp: committed.get(tp) for tp in owned if done[tp] is None}
    if new := [tp for tp in owned if done[tp] is None]:
        done |= await offsets.earliest_offsets(*new)
    ends = await offsets.highwaters(*owned) if owned else {}
    return {tp: max(0, ends[tp] - (done[tp] or 0)) for tp in owned}


class LagGauge:
    """The lag of one group as metrics, of the partitions that are this worker's and no others."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._shown: set[TP] = set()

    def show(self, lags: Mapping[TP, int]) -> None:
        """Set the lag of each partition; one that is not among them any more is its next owner's to show."""
        for tp in self._shown - lags.keys():
            LAG.remove(self._group, tp.topic, str(tp.partition))
        for tp, lag in lags.items():
            LAG.labels(self._group, tp.topic, str(tp.partition)).set(lag)
        self._shown = set(lags)
