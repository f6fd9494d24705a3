"""Definitions and states of a universe's feeds, written to Kafka as if all had been polled before."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import msgspec

from bench.universe import Feed, feed, url_of
from connectors.feeds.cursor import to_builtins
from connectors.feeds.health import Standing
from connectors.feeds.parsing.read import parse_bytes
from connectors.feeds.polling import body_hash
from connectors.feeds.state import FeedState
from connectors.feeds.validators import Validators
from connectors.feeds.window import HASH, entry_hashes
from connectors.framework.producer import SinkOptions
from connectors.framework.sink import Refused, Sink
from connectors.sharing.definitions import define, definition_record
from connectors.sharing.desk import Right
from connectors.sharing.states import state_record
from newswire.settings import Settings
from schemas.partitions import partition_of
from schemas.wire import WireRecord

__all__ = ["Plan", "fill"]

PROCESSES: Final = 2


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Which feeds there are, and when they are due.  Times are in seconds."""

    size: int
    port: int
    due_from: float
    """Epoch seconds."""
    due_within_s: float
    """Each is due at a time of its own within so many seconds after that."""
    interval_s: int
    fastest_s: int = 600
    slowest_s: int = 86_400


def fill(settings: Settings, plan: Plan) -> float:
    """Write a definition and a state of every feed; return how many seconds that took."""
    _check()
    begun = time.perf_counter()
    bounds = [plan.size * part // PROCESSES for part in range(PROCESSES + 1)]
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        parts = [
            pool.submit(_fill, settings, plan, bounds[part], bounds[part + 1]) for part in range(PROCESSES)
        ]
        for part in parts:
            part.result()
    return time.perf_counter() - begun


def _fill(settings: Settings, plan: Plan, start: int, stop: int) -> None:
    sink = Sink(SinkOptions.of(settings))
    try:
        for number in range(start, stop):
            for record in _records(plan, number, settings.partitions):
                sink.send(record, delivered=lambda _hop: None, refused=_impossible)
        if not sink.drain(120.0):
            raise SystemExit("Kafka did not take the universe in two minutes")
    finally:
        sink.close()


def _records(plan: Plan, number: int, partitions: int) -> Iterator[WireRecord]:
    one = feed(number)
    draw = random.Random(number)
    url = url_of(number, plan.port)
    definition = define(
        url,
        name=f"Feed {number} of the universe",
        tags=["Universe"],
        language="en",
        follow="never",
        min_interval_s=plan.fastest_s,
        max_interval_s=plan.slowest_s,
        allow_hosts=[url.split("/")[2]],
        now="2026-11-01T00:00:00.000000Z",
    )
    record = definition_record(definition)
    yield record
    assert record.route_by is not None
    due = plan.due_from + draw.random() * plan.due_within_s
    polled_at = time.time() - plan.interval_s * draw.random()
    state = FeedState(
        polls=40,
        polled_at=polled_at,
        next_poll_at=due,
        interval_s=float(plan.interval_s),
        validators=Validators(
            etag=one.etag(polled_at) if one.validators and not one.failure else None, full_at=polled_at
        ),
        standing=Standing(
            status="failing" if one.failure else "ok", since=polled_at, last_success_at=polled_at
        ),
        window=b"" if one.failure else _window(one, polled_at),
        largest=len(one.entries(polled_at)),
        body=body_hash(one.body(polled_at)) if not one.failure else b"",
    )
    right = Right(partition_of(record.route_by, partitions), 1)
    yield state_record(definition.source_id, to_builtins(definition.source_id, state), right, "universe")


def _window(one: Feed, at: float) -> bytes:
    return b"".join(
        _hash(one.guid(entry)) + _hash("\x1f".join((one.link(entry), one.title(entry), one.text(entry), "")))
        for entry in one.entries(at)
    )


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=HASH).digest()


def _check() -> None:
    """See that a window made here is the one that polling would have made."""
    one = next(each for each in map(feed, range(100)) if not each.failure)
    parsed = parse_bytes(one.body(1.79e9), url=one.link(0), content_type="application/rss+xml", charset=None)
    made = b"".join(entry_hashes(entry) for entry in reversed(parsed.entries))
    assert made == _window(one, 1.79e9), "the universe's windows are not those of the feeds connector"


def _impossible(why: Refused) -> None:
    raise SystemExit(f"the broker refuses a record of the universe: {why}")
