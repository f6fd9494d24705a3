"""The least that each process must be allowed to do on Kafka: one table, from which all else follows.

``newswire topics acls`` prints it as commands and as Strimzi users, the documentation shows it, every process
asks the cluster at its start whether it has what stands here, and the tests grant exactly this.

Read, Write, Alter and Delete on a topic allow its description, too, AlterConfigs that of its configuration, and Read
on a group that of the group; a producer that is idempotent needs no right of its own from Kafka 3.0 on.  Nothing
here uses transactions.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from connectors.sharing.places import GROUP as CONNECT_GROUP
from schemas.topics import (
    ARTICLE,
    CLAIMS,
    DEAD_LETTER,
    ENRICHED,
    ENTITIES,
    OUTCOMES,
    RAW,
    SIGHTINGS,
    SOURCE_STATE,
    SOURCES,
    TOPICS,
    UNIQUE,
    Topic,
)
from schemas.vocabulary import Lane
from streams.engine.groups import group_of

__all__ = ["CLOCK_PREFIX", "PROCESSES", "Process", "Right", "process_named", "rights_of"]

Operation = Literal[
    "Read", "Write", "Describe", "DescribeConfigs", "Create", "Alter", "AlterConfigs", "Delete"
]
"""As ``kafka-acls.sh`` and Strimzi write them."""
LANES: Final[tuple[Lane, ...]] = ("live", "backfill")
CLOCK_PREFIX: Final = "newswire.clock."
"""How topics begin by which ``newswire doctor`` learns the broker's time."""


class Right(msgspec.Struct, frozen=True):
    """One operation on one topic or group, or on all whose names begin so."""

    operation: Operation
    kind: Literal["topic", "group"]
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        return f"{self.operation} on {self.kind} {self.name}{'*' if self.prefixed else ''}"


class Process(msgspec.Struct, kw_only=True, frozen=True):
    """A process, and what it does with topics and groups."""

    name: str
    command: str
    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    describes: tuple[Topic, ...] = ()
    joins: tuple[str, ...] = ()
    """The groups that it is a member of.  For a stage: the stages, each of which has a group in each lane."""
    asks: tuple[str, ...] = ()
    """The groups whose offsets and members it asks for, likewise."""
    also: tuple[tuple[Operation, tuple[Topic, ...]], ...] = ()
    """Other operations on topics."""
    clocks: tuple[Operation, ...] = ()
    """Operations on topics that begin with `CLOCK_PREFIX`."""
    lanes: Literal["own", "both", "live"] = "both"
    """With which lanes' topics it has to do: ``own``, those of the lane that it is started for."""


_STAGES: Final = ("normalize", "dedupe", "enrich")
_INPUTS: Final = (RAW, ARTICLE, UNIQUE)
_OF_ITEMS: Final = (RAW, ARTICLE, SIGHTINGS, UNIQUE, ENRICHED, CLAIMS, ENTITIES, OUTCOMES, DEAD_LETTER)
_ENDINGS: Final = (OUTCOMES, DEAD_LETTER)

PROCESSES: Final = (
    Process(
        name="normalize",
        command="worker normalize",
        reads=(RAW,),
        writes=(ARTICLE, *_ENDINGS),
        joins=("normalize",),
        lanes="own",
    ),
    Process(
        name="dedupe",
        command="worker dedupe",
        reads=(ARTICLE, SIGHTINGS),  # the latter is its own state
        writes=(SIGHTINGS, UNIQUE, *_ENDINGS),
        joins=("dedupe",),
        lanes="own",
    ),
    Process(
        name="enrich",
        command="worker enrich",
        reads=(UNIQUE,),
        writes=(ENRICHED, CLAIMS, ENTITIES, *_ENDINGS),
        joins=("enrich",),
        lanes="own",
    ),
    Process(
        name="connect",
        command="connect",
        reads=(SOURCES, SOURCE_STATE),
        writes=(RAW, SOURCE_STATE, *_ENDINGS),
        joins=("connect",),
    ),
    Process(name="ingest", command="ingest", writes=(RAW, *_ENDINGS)),
    Process(name="canary", command="canary", reads=(CLAIMS,), writes=(RAW,), lanes="live"),
    Process(name="audit", command="audit", reads=_OF_ITEMS, asks=_STAGES),
    Process(
        name="top",
        command="top",
        reads=(OUTCOMES, SOURCES, SOURCE_STATE),
        describes=(RAW, ARTICLE, SIGHTINGS, UNIQUE, DEAD_LETTER),
        asks=(*_STAGES, "connect"),
    ),
    Process(name="tail", command="tail", reads=TOPICS),
    Process(name="trace", command="trace", reads=_OF_ITEMS),
    Process(name="explain", command="explain", reads=_OF_ITEMS),
    Process(name="dlq", command="dlq", reads=(*_INPUTS, *_ENDINGS), asks=_STAGES),
    Process(
        name="dlq-requeue",
        command="dlq requeue",
        reads=(*_INPUTS, *_ENDINGS),
        writes=_INPUTS,
        asks=_STAGES,
    ),
    Process(name="sources", command="sources list", reads=(SOURCES, SOURCE_STATE)),
    Process(name="sources-edit", command="sources add", reads=(SOURCES, SOURCE_STATE), writes=(SOURCES,)),
    Process(name="topics", command="topics check", describes=TOPICS, also=(("DescribeConfigs", TOPICS),)),
    Process(
        name="topics-create",
        command="topics create",
        describes=TOPICS,
        also=(("DescribeConfigs", TOPICS), ("Create", TOPICS)),
    ),
    Process(
        name="topics-alter",
        command="topics create --alter",
        describes=TOPICS,
        also=(("Create", TOPICS), ("AlterConfigs", TOPICS)),  # the latter allows to describe them
    ),
    Process(
        name="topics-grow",
        command="topics grow",
        also=(("Alter", (RAW, UNIQUE)),),
        asks=(*_STAGES, "connect"),
    ),
    Process(
        name="up",
        command="up",
        reads=(SOURCES,),
        writes=(SOURCES,),
        describes=tuple(topic for topic in TOPICS if topic is not SOURCES),
        also=(("DescribeConfigs", TOPICS), ("Create", TOPICS)),
    ),
    Process(
        name="doctor",
        command="doctor",
        describes=TOPICS,
        also=(("DescribeConfigs", TOPICS),),
        asks=(*_STAGES, "connect"),
        clocks=("Create", "Write", "Delete"),
    ),
)
"""Every process that speaks to Kafka.  What ``newswire up`` starts has rights of its own, under the same user."""


def process_named(name: str) -> Process:
    """Find a process.

    Raises:
        KeyError: there is none of that name.
    """
    for process in PROCESSES:
        if process.name == name:
            return process
    raise KeyError(name)


def rights_of(process: Process, lane: Lane = "live") -> tuple[Right, ...]:
    """Return what a process needs; *lane* is the one that it is started for, where that makes a difference."""
    lanes = {"own": (lane,), "both": LANES, "live": LANES[:1]}[process.lanes]
    by_operation: list[tuple[Operation, tuple[Topic, ...]]] = [
        ("Read", process.reads),
        ("Write", process.writes),
        ("Describe", process.describes),
        *process.also,
    ]
    rights = [
        Right(operation, "topic", name)
        for operation, topics in by_operation
        for topic in topics
        for name in dict.fromkeys(topic.of(each) for each in lanes)
    ]
    rights += [Right(each, "topic", CLOCK_PREFIX, prefixed=True) for each in process.clocks]
    rights += [Right("Read", "group", each) for each in _groups(process.joins, lanes)]
    rights += [Right("Describe", "group", each) for each in _groups(process.asks, lanes)]
    return tuple(rights)


def _groups(names: tuple[str, ...], lanes: tuple[Lane, ...]) -> list[str]:
    groups = [CONNECT_GROUP] if "connect" in names else []
    return [*(group_of(name, lane) for name in names if name != "connect" for lane in lanes), *groups]
