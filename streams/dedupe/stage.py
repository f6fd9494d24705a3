"""The dedupe stage: articles in, verdicts out, in one total order, with the state in this process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final

import msgspec

from newswire.settings import Settings
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas import ids, topics
from schemas.article import Article, Fingerprints
from schemas.sighting import Sighting, UniqueArticle
from schemas.vocabulary import OutcomeName, StageName
from schemas.wire import encode
from streams.dedupe.dedupe import Dedupe, DedupeLimits, StoreError
from streams.dedupe.item import Item
from streams.dedupe.limits import DAY_MS
from streams.dedupe.rebuild import fold_topic
from streams.dedupe.slots import take_slot
from streams.dedupe.times import rfc3339
from streams.dedupe.topic_id import topic_id
from streams.engine.errors import Fatal
from streams.engine.records import Done, Emit, Ending, Facts, Failed, Input, Partition, Result
from streams.engine.work import decoded, failure

__all__ = ["DedupeStage", "judge_inputs", "judged", "limits_of"]

_NO_FINGERPRINTS = Fingerprints()
SKEW_MS: Final = 60_000
"""So far the broker's clock may be ahead of this machine's; the time beyond that is not believed."""


class DedupeStage:
    """Judges articles against a state that is a fold over the stage's own output."""

    name: StageName = "dedupe"
    reads = topics.ARTICLE
    concurrency = 1

    def __init__(self, settings: Settings) -> None:
        self.batch_size = 128
        self._settings = settings
        self._state: Dedupe | None = None
        self._held = contextlib.AsyncExitStack()
        """The files that the state is in, and what they lie in."""
        self._rebuild: asyncio.Task[None] | None = None
        self._forgetting = asyncio.Lock()

    async def start(self) -> None:
        """Nothing to start but metrics: the state is built when the partition is assigned."""
        owners, identities = (metrics.STATE_ENTRIES.labels(kind) for kind in ("owners", "identities"))
        metrics.HISTORY_MISSING.set_function(self._history_missing_s)
        owners.set_function(lambda: self._state.owners if self._state else 0)
        identities.set_function(lambda: self._state.entries if self._state else 0)

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Judge articles in order, each against all before it.

        Without an await in it, so that no revocation comes between two articles of a batch; a batch
        holds the loop for some 20 ms.
        """
        assert self._state is not None
        # Told from here rather than asked by whoever reads metrics: that is another thread, and files close.
        _tell_memory(self._state.memory_bytes())
        latest_ms = int(time.time() * 1000) + SKEW_MS
        return judge_inputs(self._state, [_in_time(one, latest_ms) for one in inputs])

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        """Make durable what has left: the sighting is an article's first output.

        False where it does not lie right behind the one before it.  Then another worker, which takes itself for the
        owner or took itself for it, has written in between, or the topic has lost its newest records, or the broker
        has the sighting already and does not say where.
        """
        state = self._state
        if state is None:
            return True
        known = state.outrun
        if state.confirm(offsets[0]):
            return True
        if not known:
            log.warning("sighting_out_of_line", stage=self.name, offset=offsets[0], expected=state.position)
        return False

    async def assigned(self, partitions: frozenset[Partition]) -> None:
        """Fold the stage's own output up to its end, before the first article is taken.

        Returns early, with nothing, when the partition is revoked meanwhile.

        Raises:
            Fatal: the local files cannot be used, or the topic cannot be read.
        """
        await self._forget()
        if not partitions:
            log.info("standby", stage=self.name)
            return
        self._rebuild = rebuild = asyncio.create_task(self._rebuilt(), name="dedupe-rebuild")
        await asyncio.wait({rebuild})
        if self._rebuild is rebuild:
            if rebuild.cancelled():
                # Not by us, but by a library that lets its own cancellation out.  Passed on, it would end
                # Faust's recovery without a word, and this worker would own the partition and stand still.
                raise Fatal("the rebuild of dedupe's state was cut off")
            rebuild.result()

    async def _rebuilt(self) -> None:
        begun = time.monotonic()
        settings, limits = self._settings, limits_of(self._settings)
        topic = topics.SIGHTINGS.of(settings.lane)
        made_from = await asyncio.to_thread(topic_id, settings, topic)
        held = contextlib.AsyncExitStack()
        try:
            async with held:
                slot = take_slot(settings.data_dir / "dedupe" / settings.lane, limits, made_from)
                held.callback(slot.release)
                state = Dedupe(
                    limits, slot.path, memory_mib=settings.dedupe_files_mib, on_set_aside=_set_aside
                )
                held.push_async_callback(asyncio.to_thread, state.close)
                folded = await fold_topic(state, settings, topic, 0)
                state.flush()
                self._held = held.pop_all()
        except StoreError as error:
            raise Fatal(f"dedupe's local files: {error}") from error
        self._state = state
        _tell_memory(state.memory_bytes())
        if missing := self._history_missing_s():
            log.warning("sightings_cut", known_since=rfc3339(state.known_since), missing_s=round(missing))
        metrics.REBUILD.set(time.monotonic() - begun)
        log.info(
            "state_rebuilt", folded=folded, slot=slot.path.name, seconds=round(time.monotonic() - begun, 3)
        )

    def _history_missing_s(self) -> float:
        """Return how much of the identity window lies before the oldest sighting, though older ones were made."""
        known_since = self._state.known_since if self._state else 0
        if not known_since:
            return 0.0
        return max(
            0.0, known_since / 1000 - (time.time() - self._settings.dedupe_identity_days * DAY_MS / 1000)
        )

    async def revoked(self, partitions: frozenset[Partition]) -> None:
        """Forget the state: what this worker judged and did not deliver never happened."""
        await self._forget()

    async def _forget(self) -> None:
        """End a rebuild, let the state go, and close the files, for whoever needs them next."""
        async with self._forgetting:
            rebuild, self._rebuild = self._rebuild, None
            if rebuild is not None:
                rebuild.cancel()
                await asyncio.wait({rebuild})
            self._state = None
            metrics.STATE_BYTES.clear()
            await self._held.aclose()

    async def stop(self) -> None:
        """Close the local files."""
        await self._forget()


def _in_time(one: Input, latest_ms: int) -> Input:
    """Return an input whose time is not later than *latest_ms*.

    A broker's clock that jumps ahead would age everything at once, and the state counts in the newest time it was
    given: when the clock is right again, it would stand still for as long.  What a sighting says stands; only
    what did not leave is judged anew, and then at another time.
    """
    return one if one.timestamp_ms <= latest_ms else msgspec.structs.replace(one, timestamp_ms=latest_ms)


def _tell_memory(by_part: dict[str, int]) -> None:
    for part, taken in by_part.items():
        metrics.STATE_BYTES.labels(part).set(taken)


def _set_aside(offset: int, why: str) -> None:
    """Tell of a record of our own topic that could not be folded."""
    metrics.STATE_SET_ASIDE.inc()
    log.warning("sighting_set_aside", offset=offset, why=why)


def limits_of(settings: Settings) -> DedupeLimits:
    """Return the windows and bounds that the settings ask for."""
    return DedupeLimits(
        identity_ms=int(settings.dedupe_identity_days * DAY_MS),
        near_ms=int(settings.dedupe_near_days * DAY_MS),
        max_identities=settings.dedupe_max_identities,
        max_near=settings.dedupe_max_near,
        jaccard=settings.dedupe_jaccard,
    )


def judge_inputs(state: Dedupe, inputs: list[Input]) -> list[Result]:
    """Judge articles in order, each against all before it: one result for each input.

    Raises:
        Fatal: the local files cannot be read.
    """
    read = [decoded(one, Article) for one in inputs]
    ready = iter(state.ready([article for article in read if not isinstance(article, Failed)]))
    return [
        article if isinstance(article, Failed) else judged(state, article, next(ready), one.timestamp_ms)
        for one, article in zip(inputs, read, strict=True)
    ]


def judged(state: Dedupe, article: Article, item: Item | Exception, record_at_ms: int) -> Result:
    """Judge one article that was made ready, and say what is to be sent: its sighting first."""
    if isinstance(item, Exception):
        return failure(item, _facts(article, None))
    try:
        sighting = state.judge_item(item, record_at_ms)
    except StoreError as error:
        raise Fatal(f"dedupe's local files: {error}") from error
    except Exception as error:  # noqa: BLE001 - one article's error must not stop all that follow
        return failure(error, _facts(article, None))
    emits = [
        Emit(
            topic=topics.SIGHTINGS.of(article.lane),
            ce_type=topics.SIGHTINGS.ce_type,
            ce_id=ids.sighting_event_id(article.item_id, sighting.extractor),
            key=sighting.article_id,
            value=encode(sighting),
            same_partition=True,
        )
    ]
    if sighting.enrich:
        emits.append(_unique(article, sighting))
    return Done(
        facts=_facts(article, sighting),
        emits=tuple(emits),
        ending=None if sighting.enrich else Ending(_outcome(sighting)),
    )


def _unique(article: Article, sighting: Sighting) -> Emit:
    return Emit(
        topic=topics.UNIQUE.of(article.lane),
        ce_type=topics.UNIQUE.ce_type,
        ce_id=ids.unique_event_id(article.item_id, sighting.extractor),
        key=sighting.article_id,
        value=encode(
            UniqueArticle(
                article=article,
                sighting=msgspec.structs.replace(sighting, fingerprints=_NO_FINGERPRINTS),
            )
        ),
    )


def _facts(article: Article, sighting: Sighting | None) -> Facts:
    return Facts(
        item_id=article.item_id,
        native_id=article.native_id,
        source_id=article.source_id,
        article_id=article.article_id if sighting is None else sighting.article_id,
        revision_id=None if sighting is None else sighting.revision_id,
        lane=article.lane,
        synthetic=article.synthetic,
        published=article.published_at.value,
        observed=article.fetched_at,
    )


def _outcome(sighting: Sighting) -> OutcomeName:
    # Only a new article can bear a verdict that is no outcome's name, and that goes to enrich.
    assert sighting.verdict != "new"
    return sighting.verdict
