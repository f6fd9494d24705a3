"""The dedupe stage: articles in, verdicts out, in one total order, with the state in this process."""

from __future__ import annotations

import asyncio
import contextlib
import time

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
from streams.dedupe.topic_id import topic_id
from streams.engine.errors import Fatal
from streams.engine.records import Done, Emit, Ending, Facts, Failed, Input, Partition, Result
from streams.engine.work import decoded, failure

__all__ = ["DedupeStage", "judge_inputs", "judged", "limits_of"]

_NO_FINGERPRINTS = Fingerprints()


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
        owners.set_function(lambda: self._state.owners if self._state else 0)
        identities.set_function(lambda: self._state.entries if self._state else 0)

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Judge articles in order, each against all before it.

        Without an await in it, so that no revocation comes between two articles of a batch; a batch
        holds the loop for some 20 ms.
        """
        assert self._state is not None
        return judge_inputs(self._state, inputs)

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> None:
        """Make durable what has left: the sighting is an article's first output."""
        if self._state is not None:
            self._state.confirm(offsets[0])

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
                state = Dedupe(limits, slot.path)
                held.push_async_callback(asyncio.to_thread, state.close)
                folded = await fold_topic(state, settings, topic, 0)
                state.flush()
                self._held = held.pop_all()
        except StoreError as error:
            raise Fatal(f"dedupe's local files: {error}") from error
        self._state = state
        metrics.REBUILD.set(time.monotonic() - begun)
        log.info(
            "state_rebuilt", folded=folded, slot=slot.path.name, seconds=round(time.monotonic() - begun, 3)
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
            await self._held.aclose()

    async def stop(self) -> None:
        """Close the local files."""
        await self._forget()


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
