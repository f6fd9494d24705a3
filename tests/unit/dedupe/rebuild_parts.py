"""Workers that judge, are killed at any moment and rebuilt, around a topic in memory."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas import Article
from schemas.wire import encode
from streams.dedupe import shown as made_out
from streams.dedupe.dedupe import Dedupe, DedupeLimits

MOST_IN_FLIGHT = 5


class Shown(NamedTuple):
    """A record of the input topic."""

    article: Article
    at_ms: int


class Left(NamedTuple):
    """A record of the sightings topic: which input it is of, and its bytes."""

    number: int
    value: bytes
    at_ms: int


class Topic:
    """The sightings topic: offsets go on where the oldest records are deleted."""

    def __init__(self) -> None:
        self.records: list[Left] = []
        self.start = 0

    @property
    def end(self) -> int:
        return self.start + len(self.records)

    def append(self, left: Left) -> int:
        self.records.append(left)
        return self.end - 1

    def cut(self, until: int) -> None:
        self.records = self.records[until - self.start :]
        self.start = until


def handed_over(records: list[made_out.Appended]) -> list[made_out.Shown | made_out.SetAside]:
    """Make records out as a process does that reads ahead, and pass them on as it does."""
    packed = msgspec.msgpack.encode(made_out.shown_of_all(records))
    return msgspec.msgpack.decode(packed, type=list[made_out.Shown | made_out.SetAside])


class Worker:
    """Judges from where its group has committed, after folding the topic; its sightings leave one by one."""

    def __init__(self, limits: DedupeLimits, directory: Path | None, topic: Topic, committed: int) -> None:
        self.state = Dedupe(limits, directory)
        self.topic = topic
        self.next = committed
        self.waiting: list[Left] = []
        begin = max(self.state.position, topic.start)
        records = [
            made_out.Appended(left.value, offset, left.at_ms)
            for offset, left in enumerate(topic.records[begin - topic.start :], begin)
        ]
        if committed % 2:
            self.state.fold_shown(handed_over(records))
            return
        for record in records:
            self.state.fold(record.value, record.offset, record.at_ms)

    def judge(self, inputs: list[Shown]) -> None:
        shown = inputs[self.next]
        value = encode(self.state.judge(shown.article, shown.at_ms))
        self.waiting.append(Left(self.next, value, shown.at_ms))
        self.next += 1

    def send(self, *, confirm: bool = True) -> Left:
        left = self.waiting.pop(0)
        offset = self.topic.append(left)
        if confirm:
            self.state.confirm(offset)
        return left

    def kill(self, directory: Path | None, to: Path) -> Path | None:
        """Leave the files as they lie on disk, without what was not yet written out."""
        if directory is not None:
            copy_as_it_lies(directory, to)
        self.state.close()
        return to if directory is not None else None


def copy_as_it_lies(directory: Path, to: Path) -> None:
    """Copy files that another thread may be tidying up, as they were at one moment."""
    while True:
        before = _sizes(directory)
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        try:
            for name in before:
                shutil.copy(directory / name, to / name)
        except FileNotFoundError:
            continue
        if _sizes(directory) == before:
            return


def _sizes(directory: Path) -> dict[str, int]:
    try:
        found = {path.name: path.stat().st_size for path in directory.iterdir() if path.is_file()}
    except FileNotFoundError:
        return _sizes(directory)
    return {name: size for name, size in sorted(found.items()) if not name.startswith("LO")}


def reference(limits: DedupeLimits, inputs: list[Shown]) -> list[bytes]:
    """Judge all of it in one go."""
    state = Dedupe(limits, None)
    values = [encode(state.judge(shown.article, shown.at_ms)) for shown in inputs]
    state.close()
    return values


def run(
    limits: DedupeLimits,
    inputs: list[Shown],
    draw: random.Random,
    scratch: Path,
    *,
    kills: int,
    keep: bool,
    calm: frozenset[int] = frozenset(),
) -> Topic:
    """Judge *inputs* with *kills* kills at moments drawn; return the topic with all that ever left.

    A killed worker may be a zombie: what it had judged leaves later, in between.  With *keep* the local files
    are kept as they lay on disk, else every rebuild is from nothing.  Before an input in *calm* nothing is in
    flight.  Now and then the oldest records are deleted that lie before the window.
    """
    topic, everything, committed = Topic(), Topic(), 0
    directory = scratch / "0" if keep else None
    zombies: list[list[Left]] = []
    worker = Worker(limits, directory, topic, 0)
    generation = 0

    def send(left: Left) -> int:
        everything.append(left)
        return topic.append(left)

    while committed < len(inputs):
        if zombies and draw.random() < 0.3:
            zombie = draw.choice(zombies)
            if zombie:
                send(zombie.pop(0))
        ready = worker.next < len(inputs) and (worker.next not in calm or committed == worker.next)
        if ready and len(worker.waiting) < MOST_IN_FLIGHT and draw.random() < 0.6:
            worker.judge(inputs)
        elif worker.waiting:
            left = worker.waiting.pop(0)
            worker.state.confirm(send(left))
            if draw.random() < 0.5 or worker.next in calm or worker.next == len(inputs):
                committed = max(committed, left.number + 1)
        elif worker.next in calm or worker.next == len(inputs):
            committed = worker.next
        if keep and draw.random() < 0.1:
            worker.state.flush()
        if generation < kills and draw.random() < 0.08:
            generation += 1
            sent = draw.randint(0, len(worker.waiting))
            for left in worker.waiting[:sent]:
                send(left)  # left, but nobody was told
            if draw.random() < 0.5:
                zombies.append(worker.waiting[sent:])
            directory = worker.kill(directory, scratch / str(generation))
            _retain(limits, topic, draw)
            worker = Worker(limits, directory, topic, committed)
    worker.state.close()
    return everything


def _retain(limits: DedupeLimits, topic: Topic, draw: random.Random) -> None:
    """Delete records as retention does: some of those that lie before the window."""
    if not topic.records:
        return
    window = max(left.at_ms for left in topic.records) - limits.identity_ms
    within = [i for i, left in enumerate(topic.records) if left.at_ms >= window]
    topic.cut(topic.start + draw.randint(0, within[0]))
