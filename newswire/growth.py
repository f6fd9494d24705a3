"""Give ``news.raw`` and ``news.unique`` more partitions, once they are drained.

A key's partition follows from their number, so an article's records from before and after lie in different ones
and are read in any order.  While nothing is unread and nobody writes, there is no before.  Of no other topic is
that to be had: dedupe's two have one partition for their order, and the others are read by programs that are not
ours, compacted by partition, or shared out by it among connectors.
"""

from __future__ import annotations

from time import monotonic, sleep
from typing import Final

import msgspec

from connectors.sharing.places import GROUP as CONNECTORS
from newswire.ledger.groups import Flow, Groups, flows, opened
from newswire.ledger.reader import TopicReader
from newswire.settings import Settings
from newswire.topics import WantedTopic, open_admin, wanted_topics
from schemas.topics import RAW, UNIQUE, topic_named

__all__ = ["Growth", "grow"]

STILL_S: Final = 3.0
"""For so long nothing may come while it is looked."""
SEEN_S: Final = 30.0
"""For the new partitions to have leaders."""
PAUSE_S: Final = 0.2


class Growth(msgspec.Struct, frozen=True):
    """One topic, from how many partitions to how many; and what keeps it from growing."""

    topic: str
    found: int
    wanted: int
    hindered: list[str]
    """Empty for one that has grown."""


def grow(settings: Settings) -> list[Growth]:
    """Grow each of the two topics, in each lane, that has fewer partitions than the settings want; tell of each.

    One that is not drained, or that has more already, is left as it is.

    Raises:
        MissingTopic: one does not exist.
        KafkaError: the cluster does not answer, or refuses.
    """
    wanted = [each for each in wanted_topics(settings) if topic_named(each.name) in {RAW, UNIQUE}]
    with opened(settings) as (reader, groups):
        done = []
        for each in wanted:
            found = len(reader.partitions(each.name))
            if found == each.partitions:
                continue
            hindered = (
                [f"Kafka cannot take partitions away: it has {found}"] if found > each.partitions else []
            )
            hindered = hindered or _in_use(each, reader, groups)
            if not hindered:
                _add(settings, each)
            done.append(Growth(each.name, found, each.partitions, hindered))
    return done


def _in_use(topic: WantedTopic, reader: TopicReader, groups: Groups) -> list[str]:
    """Say what is not done and who is not off."""
    flow = next(each for each in flows() if each.topic == topic.name)
    before = _writer(flow)
    names = {flow.group: f"workers of {flow.stage}", before[0]: before[1]}
    hindered = [
        f"{names[group]} run ({members} in the group {group}): stop them"
        for group, members in groups.members(names).items()
        if members
    ]
    lag = groups.lag(flow)
    if lag:
        hindered.append(f"{flow.stage} has {lag} of its records still to read: let it")
    if hindered:
        return hindered
    # Who writes and is no member of a group is seen by what comes.
    partitions = reader.partitions(topic.name)
    ends = reader.ends(partitions)
    sleep(STILL_S)
    came = sum(reader.ends(partitions).values()) - sum(ends.values())
    return [f"{came} more came within {STILL_S:g} s: stop who writes them"] if came else []


def _writer(flow: Flow) -> tuple[str, str]:
    """Return the group of who writes what the stage reads, and what its members are."""
    if flow.stage == "normalize":
        return CONNECTORS, "connectors"
    lane = next(each for each in flows() if each.stage == "dedupe" and each.lane == flow.lane)
    return lane.group, "workers of dedupe"


def _add(settings: Settings, topic: WantedTopic) -> None:
    with open_admin(settings) as admin:
        admin.create_partitions({topic.name: topic.partitions})
        deadline = monotonic() + SEEN_S
        while monotonic() < deadline:
            (described,) = admin.describe_topics([topic.name])
            leaders = [each["leader_id"] for each in described["partitions"]]
            if len(leaders) == topic.partitions and min(leaders) >= 0:
                return
            sleep(PAUSE_S)
