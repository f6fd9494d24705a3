"""The book of sources that workers share through one Kafka consumer group.

One thread goes its rounds: it takes part in the group, takes over what is assigned, reads on what is ours, and
hands over what is taken away.  Heartbeats have a thread of kafka-python's, so that neither a busy event loop
nor a long round costs the membership.

Taking over: read who had the partition last (`marker`), read its definitions and states from the beginning
(`fold`), mark it as held under a new epoch, and only then offer its sources.  Handing over: revoke its
sources, wait until nothing of them is under way, have their states saved, mark it as released, and only then
let the group go on.  What cannot be done in time, or was lost, is not marked: the next owner then waits until
every fetch of ours must have ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from connectors.framework.errors import ConnectorError, Fatal
from connectors.sharing.book import Change
from connectors.sharing.desk import NO_STATE, Desk, Part
from connectors.sharing.fold import Fold, Stored, generation_of
from connectors.sharing.lease import Lease
from connectors.sharing.marker import Marker, not_before
from connectors.sharing.membership import GroupOptions, Membership
from connectors.sharing.tail import Seen, Tail
from newswire.telemetry import metrics
from newswire.telemetry.health import HEALTH, Condition
from newswire.telemetry.logs import log

__all__ = ["BookOptions", "KafkaBook"]

LOOP: Final = "sharing"
"""What its rounds are called where the process tells how it does."""
ROUND_S: Final = 0.1
MOST_BACKLOG: Final = 5_000
"""Changes that wait to be asked for before another partition is taken over: they hold their records."""
MARK_EVERY_S: Final = 10.0
JOIN_S: Final = 5.0
"""A round, and saying that all is released."""


class BookOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a worker shares; times are in seconds."""

    group: GroupOptions
    worker: str
    """Who it is: stands in states and markers."""
    fetch_deadline_s: float = 60.0
    """A fetch has ended after this, however it went."""
    hand_over_s: float = 10.0
    """How long it is waited for what is under way of revoked sources, and for their states."""


class _Taking:
    """A partition on its way to be ours."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.last: Marker | None = None
        self.asked = False
        self.ends: dict[Any, int] | None = None
        self.fold = Fold()
        self.began = time.monotonic()


class _Leaving:
    """A partition on its way to another owner."""

    def __init__(self, part: Part, deadline: float) -> None:
        self.part = part
        self.deadline = deadline
        self.save: int | None = None


class KafkaBook:
    """A `SourceBook`; `start` it, and `close` it when reading has ended."""

    def __init__(
        self,
        options: BookOptions,
        *,
        lease: Lease | None = None,
        membership: Callable[[GroupOptions, Lease], Membership] = Membership,
        tail: Callable[[GroupOptions], Tail] = Tail,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Connect.

        Raises:
            ConfigError: the topics are missing or not partitioned alike.
            Fatal: no broker answers, or it does not let us in.
        """
        group = options.group
        self.options = options
        self.lease = lease or Lease(group.session_timeout_s, group.max_poll_interval_s)
        self.desk = Desk(lambda: self.lease.valid)
        self._wall = wall
        self._tail = tail(group)
        try:
            self._membership = membership(group, self.lease)
        except BaseException:
            self._tail.close()
            raise
        self._parts: dict[int, Part] = {}
        self._taking: dict[int, _Taking] = {}
        self._leaving: dict[int, _Leaving] = {}
        self._reading: int | None = None
        self._marked: dict[int, int] = {}
        self._next_mark = 0.0
        self._told: tuple[int, ...] | None = None
        self._joined = False
        self._closing = threading.Event()
        self._clean = True
        self._thread = threading.Thread(target=self._run, name="share-sources", daemon=True)

    # -- SourceBook ------------------------------------------------------------------------------------

    async def changes(self, wait_s: float) -> list[Change]:
        """Return what happened since the last call, in portions, waiting up to *wait_s* for something.

        Raises:
            ConnectorError: sharing has ended: the broker keeps us out, say.
        """
        return await self.desk.changes(wait_s)

    def holds(self, source_id: str) -> bool:
        """Return whether the source is surely still ours."""
        return self.desk.holds(source_id)

    def released(self, source_ids: list[str]) -> None:
        """Note that nothing of revoked sources is under way any more: no fetch runs, and every reading of
        them is acknowledged.
        """
        self.desk.released(source_ids)

    # -- life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take part."""
        self._thread.start()

    def close(self, *, clean: bool = True) -> None:
        """Hand everything over and leave the group.

        *clean* says that nothing of any source is under way and that what could be saved is saved; else the
        next owners wait for our fetches.
        """
        self._clean = clean
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)
            if self._thread.is_alive():
                log.warning("the group was not left in time: others take over when the session has ended")
                return
        self._membership.close(patient=clean)
        self._tail.close()

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                HEALTH.beat(LOOP)
                self.step()
            HEALTH.rest(LOOP)
            self._let_go()
        except ConnectorError as error:
            self._end(error)
        except BaseException as error:
            self._end(Fatal(f"sharing of sources failed: {error}", detail=repr(error)))
            raise

    def condition(self) -> Condition:
        """Return whether this worker has its part of the sources; from any thread."""
        if self._closing.is_set():
            return Condition(ok=False, reason="stopping")
        if not self.lease.valid:
            return Condition(ok=False, reason="assignment_lost" if self._joined else "joining")
        if self._told is None or self._told != tuple(sorted(list(self._parts))):  # noqa: C414 - a copy at once
            return Condition(ok=False, reason="preparing")
        if not self._told:
            return Condition(ok=True, reason="standby", detail="all sources are others'")
        detail = f"{self.desk.count} sources in {len(self._told)} partitions"
        return Condition(ok=True, reason="assigned", detail=detail)

    def _end(self, error: ConnectorError) -> None:
        HEALTH.fail(str(error))
        for part in self._parts.values():
            self.desk.take_back(part, gone=True)
        self.desk.fail(error)

    def step(self) -> None:
        """Go one round.

        Raises:
            Fatal: the broker keeps us out.
        """
        self.lease.polled()
        if not self._leaving:
            # What is revoked goes to the next owner when the group is polled again, so not before it is handed over.
            change = self._membership.poll()
            self._lose(change.lost)
            self._revoke(change.revoked)
            self._assign(change.assigned)
        self._take()
        self._hand_over()
        # Who joins polls the group without a pause.
        busy = self._reading is not None or not (self._membership.stable or self._leaving)
        self._follow(self._tail.poll(0.0 if busy else ROUND_S))
        if not (self._parts or busy):
            self._closing.wait(ROUND_S)
        self._mark_again()
        self._tell()

    # -- what the group says ---------------------------------------------------------------------------

    def _assign(self, assigned: set[int]) -> None:
        for number in sorted(assigned - self._parts.keys()):
            part = self._parts[number] = Part(number)
            self._taking[number] = _Taking(part)

    def _lose(self, lost: set[int]) -> None:
        """Others may have these already: stop at once, and wait for nothing."""
        for number in lost & self._parts.keys():
            self._drop(number)
        if lost:
            metrics.SHARING_HANDOVERS.labels("lost").inc(len(lost))
            log.warning("partitions_lost", partitions=sorted(lost))

    def _revoke(self, revoked: set[int]) -> None:
        for number in revoked & self._parts.keys():
            part = self._parts[number]
            if part.phase == "taking":  # nothing was handed out, and the last owner's marker still stands
                self._drop(number)
                continue
            self.desk.take_back(part, gone=False)
            self._leaving[number] = _Leaving(part, time.monotonic() + self.options.hand_over_s)

    def _drop(self, number: int) -> None:
        part = self._parts.pop(number)
        self._taking.pop(number, None)
        self._leaving.pop(number, None)
        self._marked.pop(number, None)
        if self._reading == number:
            self._reading = None
        self._tail.end([number])
        self.desk.take_back(part, gone=True)

    # -- taking over -----------------------------------------------------------------------------------

    def _take(self) -> None:
        """Go on with what is being taken over: markers of all at once, records one partition at a time."""
        unasked = [taking for taking in self._taking.values() if not taking.asked]
        if unasked:
            markers = self._membership.markers([taking.part.number for taking in unasked])
            if markers is None:
                return
            now = self._wall()
            for taking in unasked:
                taking.asked, taking.last = True, markers[taking.part.number]
                taking.part.not_before = not_before(taking.last, now, self.options.fetch_deadline_s)
        if self._reading is None and self._taking and self.desk.backlog < MOST_BACKLOG:
            self._reading = min(self._taking)
        if self._reading is None:
            return
        taking = self._taking[self._reading]
        if taking.ends is None:
            taking.ends = self._tail.begin(taking.part.number)
        elif self._tail.reached(taking.ends):
            self._hold(taking)

    def _hold(self, taking: _Taking) -> None:
        """Make a partition ours that is wholly read: first say so, then offer its sources."""
        part, last, fold = taking.part, taking.last, taking.fold
        generation = self._membership.generation
        part.epoch = max(generation, fold.highest + 1 if fold.highest >= generation else 0)
        if last is not None and last.epoch >= part.epoch:
            part.epoch = last.epoch + 1
        if not self._mark([part], "held"):
            return  # it is tried again next round, or the partition is taken away
        sources = len(fold)
        self._taking.pop(part.number)
        self._reading = None
        self.desk.hand_out(part, fold)
        how = "first" if last is None else "clean" if last.state == "released" else "unclean"
        metrics.SHARING_TAKEOVERS.labels(how).inc()
        log.debug(
            "partition_taken",
            partition=part.number,
            epoch=part.epoch,
            sources=sources,
            how=how,
            seconds=time.monotonic() - taking.began,
        )

    def _mark(self, parts: list[Part], state: Literal["held", "released"], *, last: bool = False) -> bool:
        offsets = {part.number: self._tail.position(part.number) for part in parts}
        markers = {
            part.number: Marker(
                state=state, epoch=part.epoch, worker=self.options.worker, not_before=part.not_before
            )
            for part in parts
        }
        mark = self._membership.mark_last if last else self._membership.mark
        done = mark(markers, offsets)
        if done:
            self._marked.update(offsets)
        return done

    def _mark_again(self) -> None:
        """Let the group's offsets follow what is read, so that its lag says something."""
        if time.monotonic() < self._next_mark or self._leaving:
            return
        self._next_mark = time.monotonic() + MARK_EVERY_S
        held = [part for part in self._parts.values() if part.phase == "held"]
        moved = [part for part in held if self._tail.position(part.number) != self._marked.get(part.number)]
        if moved:
            self._mark(moved, "held")

    # -- handing over ----------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        now = time.monotonic()
        released = []
        for leaving in list(self._leaving.values()):
            if not leaving.part.out and leaving.save is None:
                leaving.save = self.desk.ask_save()
            if leaving.save is not None and self.desk.is_saved(leaving.save):
                released.append(leaving.part)
            elif now > leaving.deadline:
                what = f"{leaving.part.out} sources" if leaving.part.out else "states"
                log.warning("hand_over_timed_out", partition=leaving.part.number, waited_for=what)
                metrics.SHARING_HANDOVERS.labels("timeout").inc()
                self._drop(leaving.part.number)
        if released:
            clean = self._mark(released, "released")
            metrics.SHARING_HANDOVERS.labels("clean" if clean else "late").inc(len(released))
            for part in released:
                self._drop(part.number)

    def _let_go(self) -> None:
        """Hand over all that is ours at the end, when nothing is under way any more."""
        held = [part for part in self._parts.values() if part.phase in {"held", "leaving"}]
        if held and self._clean and self._mark(held, "released", last=True):
            metrics.SHARING_HANDOVERS.labels("clean").inc(len(held))
        for number in list(self._parts):
            self._drop(number)
        self.desk.fail(Fatal("sharing of sources has ended"))

    # -- what the topics say ---------------------------------------------------------------------------

    def _follow(self, records: list[Seen]) -> None:
        for record in records:
            taking = self._taking.get(record.partition)
            part = self._parts.get(record.partition)
            if taking is not None:
                if record.is_state:
                    taking.fold.state(record.source_id, record.offset, record.value)
                else:
                    taking.fold.define(record.source_id, record.value)
            elif part is None:
                continue
            elif record.is_state:
                self._look_at(part, record)
            else:
                self.desk.define(part, record.source_id, record.value)

    def _look_at(self, part: Part, record: Seen) -> None:
        """See whether a state that was written while the partition is ours is of an older owner."""
        if record.value is None:
            return
        generation = generation_of(record.source_id, record.value)
        if generation is None or generation == part.epoch:
            return
        if generation > part.epoch:
            # A newer owner: the group will tell, and the lease has ended by itself.
            log.warning("newer_generation", partition=part.number, ours=part.epoch, found=generation)
            return
        ours = part.offsets.get(record.source_id, NO_STATE)
        if ours == NO_STATE or ours > record.offset:
            return
        log.info("older_generation", partition=part.number, ours=part.epoch, found=generation)
        value = self._tail.state_at(part.number, ours)
        if value is not None:
            self.desk.repair(part, record.source_id, Stored(part.epoch, ours, value))

    def _tell(self) -> None:
        """Say what is ours when that has changed and all of it is read."""
        metrics.SHARING_SOURCES.set(self.desk.count)
        metrics.SHARING_PARTITIONS.set(sum(part.phase == "held" for part in self._parts.values()))
        if self._taking or self._leaving or not self._membership.stable:
            return
        self._joined = True
        numbers = tuple(sorted(self._parts))
        if numbers != self._told:
            self._told = numbers
            sources = sum(len(part.offsets) for part in self._parts.values())
            log.info("assigned", partitions=list(numbers), sources=sources)
