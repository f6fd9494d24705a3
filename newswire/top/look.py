"""Look at the pipeline: offsets, consumer groups, the last outcomes and the sources' states, all from Kafka."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from kafka.errors import KafkaError

from connectors.framework.items import utc
from connectors.sharing.places import GROUP
from newswire.ledger.events import event_of
from newswire.ledger.groups import LANES, Flow, Groups, flows, opened
from newswire.ledger.reader import TopicReader
from newswire.settings import Settings
from newswire.top.ended import Ended, add_up
from newswire.top.health import SourcesFollowed
from newswire.top.seen import Seen, StageSeen
from schemas.outcome import Outcome
from schemas.topics import ARTICLE, DEAD_LETTER, OUTCOMES, SIGHTINGS

__all__ = ["Looker"]

MOST_OUTCOMES: Final = 5000
"""Of the window at most so many outcomes are read, the last of each partition: a second's work."""
PATIENCE_S: Final = 10.0
"""A broker that has not answered for so long does not answer: somebody looks at the screen meanwhile."""


class Looker:
    """Looks at one cluster again and again.

    Rates are of the brokers' own times, so that the first look knows them as well as the next.

    Args:
        settings: which cluster.
        window_s: over which rates are taken.
        most_sources: records of the sources' topics read in one look; null reads all of them.

    """

    def __init__(self, settings: Settings, *, window_s: float, most_sources: int | None = None) -> None:
        patience_s = min(settings.kafka_request_timeout_s, PATIENCE_S)
        self._settings = settings.model_copy(update={"kafka_request_timeout_s": patience_s})
        self._window_s = window_s
        self._sources = SourcesFollowed(most_sources)
        self._open = ExitStack()
        self._cluster: tuple[TopicReader, Groups] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def look(self) -> Seen:
        """Return what is to be seen now.  After an error the next look connects anew.

        Raises:
            MissingTopic: a topic is missing.
            KafkaError: no broker answers, or it does not let us in.
        """
        try:
            if self._cluster is None:
                self._cluster = self._open.enter_context(opened(self._settings))
            return self._look(*self._cluster)
        except KafkaError:
            self._close()
            raise

    def _close(self) -> None:
        self._cluster = None
        self._open.close()

    def _look(self, reader: TopicReader, groups: Groups) -> Seen:
        now = datetime.now(UTC)
        since_ms = int((now.timestamp() - self._window_s) * 1000)
        whole = self._sources.read(reader)
        wanted = flows()
        members = groups.members([*(flow.group for flow in wanted), GROUP])
        total, ended = self._outcomes(reader, since_ms)
        # Of what was not read it is assumed that it is like what was.
        scale = total / ended.read if ended.read else 0.0
        topics = {DEAD_LETTER.name, *(flow.topic for flow in wanted), *(SIGHTINGS.of(lane) for lane in LANES)}
        came = _counts(reader, topics, since_ms)

        def done(flow: Flow) -> float:
            here = flow.stage, flow.lane
            if flow.stage == "normalize":
                return came[ARTICLE.of(flow.lane)] + scale * ended.by_stage[here]
            if flow.stage == "dedupe":
                return came[SIGHTINGS.of(flow.lane)] + scale * ended.dead[here]
            return scale * ended.by_stage[here]

        stages = [
            self._stage(
                flow,
                workers=members[flow.group],
                came=came[flow.topic],
                done=done(flow),
                waiting=groups.lag(flow),
                ended=ended,
            )
            for flow in wanted
        ]
        _mark_slowest(stages)
        count = round(scale * ended.outcomes.total())
        return Seen(
            at=utc(now),
            kafka=self._settings.kafka_bootstrap,
            window_s=self._window_s,
            came_per_s=sum(each.came_per_s for each in stages if each.stage == "normalize"),
            ended_per_s=count / self._window_s,
            waiting=sum(each.waiting for each in stages),
            dead_letters=came[DEAD_LETTER.name],
            stages=stages,
            ended=count,
            outcomes={name: round(scale * number) for name, number in ended.outcomes.most_common()},
            sampled=ended.read,
            sources=self._sources.seen(workers=members[GROUP], whole=whole),
        )

    def _outcomes(self, reader: TopicReader, since_ms: int) -> tuple[int, Ended]:
        """Return how many outcomes the window has, and what the last of them say."""
        partitions = reader.partitions(OUTCOMES.name)
        begins = reader.at(partitions, since_ms)
        ends = reader.ends(partitions)
        share = MOST_OUTCOMES // len(partitions) + 1
        starts = {each: max(begins[each], ends[each] - share) for each in partitions}
        events = map(event_of, reader.read(starts, ends))
        ended = add_up(event for event in events if isinstance(event, Outcome))
        return sum(max(0, ends[each] - begins[each]) for each in partitions), ended

    def _stage(
        self, flow: Flow, *, workers: int, came: int, done: float, waiting: int, ended: Ended
    ) -> StageSeen:
        here = flow.stage, flow.lane
        drained = waiting * self._window_s / done if done else None
        return StageSeen(
            stage=flow.stage,
            lane=flow.lane,
            workers=workers,
            came_per_s=came / self._window_s,
            done_per_s=done / self._window_s,
            waiting=waiting,
            drain_s=drained if waiting else 0.0,
            median_s=ended.quantile(here, 0.5),
            p95_s=ended.quantile(here, 0.95),
        )


def _counts(reader: TopicReader, topics: Iterable[str], since_ms: int) -> dict[str, int]:
    """Return how many records each topic got since then."""
    partitions = [each for topic in topics for each in reader.partitions(topic)]
    begins = reader.at(partitions, since_ms)
    ends = reader.ends(partitions)
    counts: Counter[str] = Counter()
    for topic, number in partitions:
        counts[topic] += max(0, ends[topic, number] - begins[topic, number])
    return dict(counts)


def _mark_slowest(stages: list[StageSeen]) -> None:
    """Mark where items spend most time; where none ended, before which most of them wait."""
    timed = [each for each in stages if each.median_s]
    slowest = max(timed, key=lambda each: each.median_s or 0.0, default=None) or max(
        (each for each in stages if each.waiting), key=lambda each: each.waiting, default=None
    )
    if slowest is not None:
        slowest.slowest = True
