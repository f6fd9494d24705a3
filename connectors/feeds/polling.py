"""One poll, as a pure function: the state and the answer in, the new state and what to emit out."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from connectors.feeds import health, redirects, schedule, validators
from connectors.feeds.dates import claimed_time
from connectors.feeds.entries import entry_of, lane_of
from connectors.feeds.health import Failure, Standing
from connectors.feeds.model import FeedError, ParsedEntry, ParsedFeed
from connectors.feeds.pages import MOST_BYTES, MOST_PAGES, Page, kept_entry, weight
from connectors.feeds.schedule import Hints
from connectors.feeds.state import FeedState
from connectors.feeds.teaser import follows
from connectors.feeds.window import Look, bound, look
from connectors.web.message import Request, Response
from newswire.telemetry.secrets import without_secrets
from schemas.source import SourceDefinition
from schemas.vocabulary import Lane

__all__ = ["Polled", "Shown", "address_of", "after_poll", "body_hash", "must_parse", "poll_request"]

WRITE_FROM_S: Final = 1_800.0
"""A feed that asks to be left alone for so long has that written down, so that who takes it over knows."""
_BROKEN: Final = b"!"
"""Stands before the hash of a body that no parser could read."""


class Shown(msgspec.Struct, frozen=True):
    """An entry to emit with the feed's own text."""

    place: int
    entry: ParsedEntry
    lane: Lane
    too_many: bool = False
    """Its page would have been fetched, had not too many been waiting."""


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll came to."""

    state: FeedState
    result: str
    """For people and metrics: ``new``, ``nothing_new``, ``not_modified``, ``same`` (the same bytes again), or
    why there is no feed.
    """
    shown: list[Shown] = []
    look: Look | None = None
    truncated: bool = False
    """The feed has more entries than are read."""
    eventful: bool = False
    """The state is worth writing down even where nothing is emitted."""
    broken: bool = False
    """What came was to be a feed and is none: its bytes are set aside, once."""
    pages: int = 0
    """Pages that wait now and did not before."""

    @property
    def missed(self) -> bool:
        """Whether entries may have come and gone unseen since the last poll."""
        return self.look is not None and self.look.missed

    def state_with(self, before: FeedState, done: int) -> FeedState:
        """Return the state when only the first *done* of ``shown`` are emitted: the feed is still to be polled,
        and will show the rest.
        """
        if self.look is None or done >= len(self.shown):
            return self.state
        emitted = {one.place for one in self.shown[:done]}
        left = [place for place in self.look.emit if place not in emitted]
        window = self.look.window(left, most=bound(self.state.largest))
        return msgspec.structs.replace(before, window=window)


def address_of(state: FeedState, definition: SourceDefinition) -> str:
    """Return where the feed is asked for."""
    return state.address.adopted or definition.url


def poll_request(state: FeedState, definition: SourceDefinition, now: float) -> Request:
    """Return the request of a poll, conditional where it can be."""
    etag, last_modified = validators.to_send(state.validators, now)
    return Request(
        url=address_of(state, definition),
        kind="feed",
        etag=etag,
        last_modified=last_modified,
        allow_hosts=tuple(definition.allow_hosts),
    )


def body_hash(body: bytes) -> bytes:
    """Return the hash by which a body that came before is known."""
    return hashlib.blake2b(body, digest_size=8).digest()


def must_parse(state: FeedState, response: Response, digest: bytes) -> bool:
    """Return whether the body is one that was not read before."""
    return response.ok and state.body not in (digest, _BROKEN + digest)


def after_poll(
    state: FeedState,
    definition: SourceDefinition,
    response: Response,
    feed: ParsedFeed | FeedError | None,
    *,
    now: float,
    digest: bytes = b"",
    blocked: str | None = None,
) -> Polled:
    """Return what a poll came to.

    *feed* is what was read of the body, null where nothing was (`must_parse`); *digest* the body's hash;
    *blocked* says why what came is a bot check, where it is one.
    """
    if isinstance(feed, ParsedFeed):
        return _read(state, definition, response, feed, now=now, digest=digest)
    if blocked is not None:
        return _failed(state, definition, response, "blocked", "blocked", now=now, detail=blocked)
    if isinstance(feed, FeedError):
        weight: Failure = "soft" if feed.reason == "empty" else "hard"
        failed = _failed(state, definition, response, weight, feed.reason, now=now, detail=feed.message)
        kept = msgspec.structs.replace(failed.state, body=_BROKEN + digest)
        return msgspec.structs.replace(failed, state=kept, broken=feed.reason not in {"not_a_feed", "empty"})
    if response.ok and state.body == _BROKEN + digest:
        reason = state.standing.reason or "broken"
        return _failed(state, definition, response, "hard", reason.partition(":")[0], now=now, detail=reason)
    if response.ok or response.result == "not_modified":
        return _unchanged(state, definition, response, now)
    return _failed(state, definition, response, health.failure_of(response.result), response.result, now=now)


def _read(
    state: FeedState,
    definition: SourceDefinition,
    response: Response,
    feed: ParsedFeed,
    *,
    now: float,
    digest: bytes,
) -> Polled:
    seen = look(state.window, feed.entries)
    largest = max(state.largest, len(feed.entries))
    shown, pages = _taken_up(state, definition, feed, seen, now)
    claimed = {place: at for place in seen.emit if (at := _claimed(feed.entries[place])) is not None}
    newest = (max(claimed.values(), default=now) if state.is_first else now) if seen.emit else 0.0
    hints = schedule.hints_of(feed)
    interval = state.interval_s or schedule.FIRST_INTERVAL_S
    after = _answered(
        msgspec.structs.replace(
            state,
            hints=hints,
            validators=validators.after_full(
                state.validators,
                response.headers,
                now,
                changed=bool(seen.emit),
                oldest_at=min(
                    (at for place, at in claimed.items() if place not in seen.changed), default=None
                ),
            ),
            window=seen.window(most=bound(largest)),
            largest=largest,
            body=digest,
            missed=state.missed + seen.missed,
            missed_at=now if seen.missed else state.missed_at,
            pages=pages,
        ),
        definition,
        response,
        now,
        newest=newest,
        interval_s=schedule.adapted(
            interval,
            shown=len(feed.entries),
            # A first window says how long the feed is and nothing of its pace.
            new=seen.new if not state.is_first else len(feed.entries) // 2,
            elapsed_s=now - state.polled_at if not state.is_first else interval,
            least_s=float(definition.min_interval_s),
            most_s=float(definition.max_interval_s),
        ),
    )
    return Polled(
        state=after,
        result="new" if seen.emit else "nothing_new",
        shown=shown,
        look=seen,
        truncated=feed.truncated,
        eventful=bool(seen.emit) or state.is_first or hints != state.hints or _is_eventful(state, after),
        pages=len(pages) - len(state.pages),
    )


def _taken_up(
    state: FeedState, definition: SourceDefinition, feed: ParsedFeed, seen: Look, now: float
) -> tuple[list[Shown], tuple[Page, ...]]:
    """Divide what is new into what is emitted at once and what waits for its page."""
    shown: list[Shown] = []
    pages = {page.native_id: page for page in state.pages}
    room = MOST_BYTES - sum(map(weight, state.pages))
    for place in seen.emit:
        entry = feed.entries[place]
        lane = lane_of(entry.published or entry.updated, definition, first=state.is_first, now=now)
        if entry.url is None or not follows(entry, definition.follow):
            shown.append(Shown(place, entry, lane))
            continue
        page = Page(
            native_id=entry.native_id,
            url=entry.url,
            lane=lane,
            due=now,
            entry=kept_entry(entry_of(entry, feed, address_of(state, definition))),
            changed=place in seen.changed,
        )
        room -= weight(page)
        if room < 0 or (len(pages) >= MOST_PAGES and page.native_id not in pages):
            shown.append(Shown(place, entry, lane, too_many=True))
        else:
            pages[page.native_id] = page
    return shown, tuple(pages.values())


def _unchanged(state: FeedState, definition: SourceDefinition, response: Response, now: float) -> Polled:
    """The same as before: by the server's word or byte for byte."""
    same = response.ok
    kept = (
        validators.after_full(state.validators, response.headers, now, changed=False, oldest_at=None)
        if same
        else validators.after_not_modified(state.validators, now)
    )
    after = _answered(
        msgspec.structs.replace(state, validators=kept),
        definition,
        response,
        now,
        newest=0.0,
        interval_s=schedule.adapted(
            state.interval_s or schedule.FIRST_INTERVAL_S,
            shown=1,
            new=0,
            elapsed_s=now - state.polled_at,
            least_s=float(definition.min_interval_s),
            most_s=float(definition.max_interval_s),
        ),
    )
    return Polled(
        state=after,
        result="same" if same else "not_modified",
        eventful=_is_eventful(state, after),
    )


def _answered(
    state: FeedState,
    definition: SourceDefinition,
    response: Response,
    now: float,
    *,
    newest: float,
    interval_s: float,
) -> FeedState:
    asked = schedule.asked_s(response.headers, state.hints, now, retry_after_s=response.retry_after_s)
    return msgspec.structs.replace(
        state,
        polls=state.polls + 1,
        polled_at=now,
        interval_s=interval_s,
        asked_s=asked,
        next_poll_at=schedule.next_poll(
            definition.source_id,
            polls=state.polls + 1,
            now=now,
            interval_s=interval_s,
            least_s=float(definition.min_interval_s),
            most_s=float(definition.max_interval_s),
            asked_s=asked,
            hints=state.hints,
        ),
        address=redirects.after_answer(state.address, response.permanent_url, definition.url),
        standing=health.after_success(state.standing, now, newest),
    )


def _failed(
    state: FeedState,
    definition: SourceDefinition,
    response: Response,
    failure: Failure,
    reason: str,
    *,
    now: float,
    detail: str = "",
) -> Polled:
    address = redirects.after_failure(state.address, failure)
    if failure == "gone" and state.address.adopted is not None:
        failure = "hard"
    detail = without_secrets(detail or response.detail)[:160]
    why = ": ".join(part for part in (reason, detail) if part)
    standing: Standing = health.after_failure(state.standing, now, failure, why)
    hints: Hints = state.hints
    # What an error page says of its own freshness is not meant; only Retry-After is.
    asked = schedule.asked_s({}, hints, now, retry_after_s=response.retry_after_s)
    interval = max(state.interval_s or schedule.FIRST_INTERVAL_S, float(definition.min_interval_s))
    after = msgspec.structs.replace(
        state,
        polls=state.polls + 1,
        asked_s=asked,
        next_poll_at=schedule.next_poll(
            definition.source_id,
            polls=state.polls + 1,
            now=now,
            interval_s=health.backoff_s(standing, interval),
            least_s=float(definition.min_interval_s),
            most_s=max(float(definition.max_interval_s), health.LONGEST_WAIT_S),
            asked_s=asked,
            hints=hints,
        ),
        # What could not be read must not be answered with 304 the next time.
        validators=msgspec.structs.replace(state.validators, etag=None, last_modified=None)
        if response.ok
        else state.validators,
        address=address,
        standing=standing,
    )
    return Polled(state=after, result=reason, eventful=True)


def _is_eventful(before: FeedState, after: FeedState) -> bool:
    return (
        before.standing.status != after.standing.status
        or before.standing.failures != after.standing.failures
        or before.address != after.address
        or before.validators.distrusted_until != after.validators.distrusted_until
        or after.asked_s >= WRITE_FROM_S
    )


def _claimed(entry: ParsedEntry) -> float | None:
    return claimed_time(entry.published or entry.updated)
