"""The loop: takes what is due, gives each host its turn, and lets many steps run at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from connectors.clock import Clock
from connectors.feeds import following, schedule
from connectors.feeds.acks import Acks
from connectors.feeds.agenda import Agenda, Held
from connectors.feeds.cursor import state_from
from connectors.feeds.dates import moment
from connectors.feeds.emitting import Source
from connectors.feeds.following import NEVER, Due
from connectors.feeds.health import Standing
from connectors.feeds.measure import Measures
from connectors.feeds.polling import WRITE_FROM_S
from connectors.feeds.state import FeedState, packed, packed_definition, unpacked, unpacked_definition
from connectors.feeds.steps import FeedReader, Lost, PageFetcher, Steps
from connectors.feeds.turns import SLOW_AFTER_S, Turns
from connectors.framework.connector import Reading
from connectors.sharing.book import Change, SourceBook
from connectors.web.message import Request
from schemas.source import SourceDefinition

__all__ = ["PollOptions", "Poller", "host_of"]

PAGES_FIRST_S: Final = 3_600.0
"""A page goes before polls that are overdue by less: what was found is fetched before more is looked for."""
LONGEST_REST_S: Final = 120.0
"""A host that wants to be left alone for longer is not waited for: what was due there is put off."""
AFTER_LOSS_S: Final = 1.0
"""A source that is not surely ours is looked at again after so long, unless it is taken from us before."""
SPREAD_S: Final = 600.0
SPREAD_PER_S: Final = 20.0
"""Sources that become ours together are first polled so many in a second, or all within `SPREAD_S`."""
CLOCK_S: Final = 60.0
"""So far in the future the last poll may lie where two machines' clocks differ."""
BOOK_WAIT_S: Final = 1.0
FULL_S: Final = 15.0
"""While there is no room for another fetch, it is told so often how long what is due has waited."""
RETRIED: Final = frozenset({"gone", "blocked", "failing", "dimmed"})
"""A source that does so is polled at once when its definition has changed."""


class PollOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How it polls."""

    fetches: int = 256
    """Fetches at once, also those that wait for an answer for long."""
    once: bool = False
    """Poll what is due, fetch what it points to, and end."""
    item_source: str | None = None
    """``source_id`` of all items; null for that of their definition."""


class Poller:
    """Reads the sources of a book until it is cancelled, or once."""

    def __init__(
        self,
        book: SourceBook,
        fetcher: PageFetcher,
        parser: FeedReader,
        *,
        clock: Clock,
        emit: Callable[[Reading], Awaitable[None]],
        options: PollOptions,
    ) -> None:
        """*emit* is given readings, in order for each source, and waits while they find no room."""
        self._book = book
        self._fetcher = fetcher
        self._clock = clock
        self._options = options
        self._measures = Measures()
        self._acks = Acks()
        self._steps = Steps(
            parser,
            clock,
            lambda reading: self._acks.give(reading, emit),
            self._measures,
            once=options.once,
        )
        self.agenda = Agenda()
        self.turns = Turns(options.fetches)
        self._began = clock.now()
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: dict[str, set[asyncio.Task[None]]] = {}
        """What is still under way of sources that are not ours any more."""
        self._failure: BaseException | None = None
        self._woken: asyncio.Future[None] | None = None
        self._late_s = 0.0

    async def run(self) -> None:
        """Poll.

        Raises:
            Exception: a defect, ours or the book's.
        """
        followers: list[asyncio.Task[None]] = []
        try:
            # Those that are there already, before anything can be said to be done.
            self._apply(await self._book.changes(0.0 if self._options.once else BOOK_WAIT_S))
            follower = asyncio.create_task(self._follow())
            follower.add_done_callback(self._ended)
            followers.append(follower)
            await self._dispatch()
        finally:
            tasks = [*self._tasks, *followers]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._measures.over()

    async def _follow(self) -> None:
        while True:
            self._apply(await self._book.changes(BOOK_WAIT_S))

    def _apply(self, changes: list[Change]) -> None:
        added = sum(change.kind == "added" for change in changes)
        revoked: list[str] = []
        for change in changes:
            if change.kind == "added":
                together = max(added, change.together)
                self._add(change, min(SPREAD_S, together / SPREAD_PER_S))
            elif change.kind == "changed":
                self._change(change)
            else:
                self._drop(change.source_id)
                if change.kind == "revoked":
                    revoked.append(change.source_id)
        if revoked:
            # Apart, since who waits for fetches to end must not hold up what else changes.
            self._start(self._release(revoked))
        if changes:
            self._wake()

    def _add(self, change: Change, spread_s: float) -> None:
        definition = change.definition
        assert definition is not None
        self._drop(change.source_id)
        if definition.kind != "feed":
            return
        now = self._clock.now()
        state = FeedState() if change.state is None else state_from(change.state)
        # A checkpoint of a list of feeds has no time of writing, and what such a list names is new each time.
        if change.state is not None and 0 < moment(change.state.written_at) < moment(definition.updated_at):
            state = _tried_anew(state, now)
        # Where the last poll lies ahead of now, a clock that was wrong has also set when the next one is due.
        due = 0.0 if state.polled_at > now + CLOCK_S else state.next_poll_at
        at = max(due, change.not_before)
        if not self._options.once and at <= now:
            # Polls that found nothing are not written down: the last owner may have polled a moment ago.
            asked_s = state.asked_s if state.asked_s < WRITE_FROM_S else 0.0
            at = max(schedule.first_poll(change.source_id, now, spread_s), now + asked_s)
        state = msgspec.structs.replace(state, next_poll_at=at)
        held = Held(change.source_id, packed_definition(definition), packed(state))
        self.agenda.add(held)
        self._measures.came(held)
        self._measures.stands(held, state.standing)
        self._schedule(held, state, definition, not_before=change.not_before)

    def _change(self, change: Change) -> None:
        held, definition = self.agenda.get(change.source_id), change.definition
        assert definition is not None
        if held is None:
            return
        held.definition, held.touched = packed_definition(definition), True
        if held.at is None:
            return  # what is under way goes on by the new definition when it is over
        self._schedule(held, self._renewed(held, unpacked(held.state)), definition)

    def _renewed(self, held: Held, state: FeedState) -> FeedState:
        """Return the *state* of a source, which is tried anew where its definition has changed meanwhile."""
        if held.touched:
            held.touched = False
            state = _tried_anew(state, self._clock.now())
            held.state = packed(state)
            self._measures.stands(held, state.standing)
        return state

    def _drop(self, source_id: str) -> None:
        held = self.agenda.remove(source_id)
        if held is None:
            return
        self._measures.went(held)
        held.at = None
        if held.task is not None:
            held.task.cancel()
            self._leaving.setdefault(source_id, set()).add(held.task)
            held.task.add_done_callback(partial(self._left, source_id))

    def _left(self, source_id: str, task: asyncio.Task[None]) -> None:
        left = self._leaving.get(source_id)
        if left is not None:
            left.discard(task)
            if not left:
                del self._leaving[source_id]

    async def _release(self, source_ids: list[str]) -> None:
        """Tell the book once nothing of them is under way, nor on its way to the broker."""
        tasks = [task for source_id in source_ids for task in self._leaving.get(source_id, ())]
        if tasks:
            await asyncio.wait(tasks)
        await self._acks.settled(source_ids)
        self._book.released(source_ids)

    async def _dispatch(self) -> None:
        while self._failure is None:
            self._woken = asyncio.get_running_loop().create_future()
            now = self._clock.now()
            self._begin_due(now)
            if self._options.once and not self._tasks and self.turns.idle and self.agenda.next_at() > now:
                return
            at = min(self.agenda.next_at(), self.turns.next_at())
            if not self.turns.room:
                at = max(at, now + FULL_S)  # whoever makes room wakes us; until then there is only to tell
            await self._wait_until(at, now, self._woken)
        raise self._failure

    async def _wait_until(self, at: float, now: float, woken: asyncio.Future[None]) -> None:
        """Wait for a time, or until something changes."""
        if at == NEVER:
            await woken
            return
        sleeper = asyncio.ensure_future(self._clock.sleep(max(at - now, 0.0)))
        try:
            await asyncio.wait((sleeper, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _begin_due(self, now: float) -> None:
        self._late_s = 0.0
        while self.turns.room and (first := self.turns.next(now)) is not None:
            host, held = first
            self._begin(held, now, front=host)
            self.turns.settle(host, now)
        while self.turns.room and (taken := self.agenda.take(now)) is not None:
            self._begin(taken, now)
        first_due = min(self.agenda.first_due(), self.turns.next_at())
        self._measures.overdue(0.0 if self.turns.room else max(self._late_s, now - first_due))

    def _begin(self, held: Held, now: float, *, front: str | None = None) -> None:
        """Begin what is due with a source, or put it where it waits; *front* is the line it came from."""
        if self.agenda.get(held.source_id) is not held:
            return
        state = self._renewed(held, unpacked(held.state))
        definition = unpacked_definition(held.definition)
        due = following.next_due(state, now, enabled=definition.enabled, polled=held.polled)
        if due.at > now:
            self._schedule(held, state, definition)
            return
        if not self._book.holds(held.source_id):
            self.agenda.schedule(held, now + AFTER_LOSS_S)
            return
        request = following.request_of(due, state, definition, now)
        host = host_of(request.url)
        wait_s = self._fetcher.wait_s(request)
        if wait_s > LONGEST_REST_S:
            wait_s = 0.0  # the fetcher will say that it rests
        if not self.turns.ask(host, held, now, wait_s, front=front == host):
            return
        self._late_s = max(self._late_s, now - due.at)
        self._measures.late(due, now)
        held.task = self._start(self._step(held, state, definition, due=due, request=request, host=host))

    async def _step(
        self,
        held: Held,
        state: FeedState,
        definition: SourceDefinition,
        *,
        due: Due,
        request: Request,
        host: str,
    ) -> None:
        source = Source(
            definition=definition,
            item_source=self._options.item_source or definition.source_id,
            now=self._steps.now,
        )
        slow = asyncio.get_running_loop().call_later(SLOW_AFTER_S, self._turned_slow, host)
        holds = partial(self._is_ours, held)
        again_at: float | None = None
        took_s = SLOW_AFTER_S
        try:
            response = await self._fetcher.fetch(request, may_start=holds)
            slow.cancel()
            took_s = response.duration_s
            held.polled = due.kind == "poll"
            state = await self._steps.take(source, state, due, response, holds)
            held.state = packed(state)
        except Lost:
            again_at = self._clock.now() + AFTER_LOSS_S
        finally:
            slow.cancel()
            self.turns.done(host, self._clock.now(), took_s)
            held.task = None
        if self.agenda.get(held.source_id) is held:
            self._measures.stands(held, state.standing)
            if again_at is None:
                state = self._renewed(held, state)
                self._schedule(held, state, unpacked_definition(held.definition))
            else:
                self.agenda.schedule(held, again_at)

    def _schedule(
        self, held: Held, state: FeedState, definition: SourceDefinition, *, not_before: float = 0.0
    ) -> None:
        now = self._clock.now()
        due = following.next_due(state, now, enabled=definition.enabled, polled=held.polled)
        at = max(due.at, not_before)
        if self._options.once and due.kind != "page" and at > self._began:
            at = NEVER
        first = due.kind == "page" and at <= now
        self.agenda.schedule(held, at - PAGES_FIRST_S if first else at, due=at)

    def _is_ours(self, held: Held) -> bool:
        return self.agenda.get(held.source_id) is held and self._book.holds(held.source_id)

    def _turned_slow(self, host: str) -> None:
        self.turns.turned_slow(host)
        self._wake()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = self._failure or failure
        self._wake()


def _tried_anew(state: FeedState, now: float) -> FeedState:
    """Return the state after an operator's touch: who touches a source that does badly wants it tried."""
    if state.standing.status not in RETRIED:
        return state
    return msgspec.structs.replace(state, standing=Standing(), next_poll_at=now)


def host_of(url: str) -> str:
    """Return the host that a turn is asked for: as it is written, with its port where that is another than
    the scheme's.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    return host if port in {None, 80, 443} else f"{host}:{port}"
