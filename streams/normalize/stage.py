"""The normalize stage: items in, articles or rejections out; all of it in children."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from schemas import ids, topics
from schemas.article import Article
from schemas.raw_item import RawItem
from schemas.vocabulary import Lane, StageName
from schemas.wire import encode
from streams.engine.child_stage import ChildStage
from streams.engine.children import Children
from streams.engine.records import Done, Emit, Ending, Facts, Input, Result
from streams.engine.work import each

if TYPE_CHECKING:  # children import this module, and need none
    from newswire.settings import Settings

__all__ = ["NormalizeStage", "normalize_inputs"]


class NormalizeStage(ChildStage):
    """Runs `normalize_inputs` in killable children."""

    name: StageName = "normalize"
    reads = topics.RAW

    def __init__(self, settings: Settings) -> None:
        super().__init__(batch_size=settings.normalize_batch, children=settings.normalize_children)
        self._settings = settings

    async def start(self) -> None:
        """Start the children."""
        settings = self._settings
        self._children = Children(
            self.name,
            functools.partial(normalize_inputs, lane=settings.lane),
            count=settings.normalize_children,
            timeout_s=settings.normalize_timeout_s,
            memory_mib=settings.normalize_memory_mib,
            max_tasks=settings.child_max_tasks,
            warm_up=_warm_up,
        )
        await self._children.start()


def _warm_up() -> None:
    from streams.normalize.normalize import warm_up

    warm_up()


def normalize_inputs(inputs: list[Input], lane: Lane | None = None) -> list[Result]:
    """Normalize raw items: one result for each, in order.  Those of another lane than *lane* are refused."""
    return each(inputs, RawItem, functools.partial(_one, lane))


def _one(lane: Lane | None, item: RawItem, one: Input) -> Result:
    from streams.normalize.admit import refusal
    from streams.normalize.normalize import normalize

    refused = refusal(item, one, lane)
    if refused is not None:
        return refused
    article = normalize(item)
    facts = Facts(
        item_id=item.item_id,
        native_id=item.native_id,
        source_id=item.source_id,
        lane=item.lane,
        synthetic=item.synthetic,
        observed=item.fetched_at,
    )
    if not isinstance(article, Article):
        return Done(facts=facts, ending=Ending("rejected", article.reason))
    return Done(
        facts=Facts(
            item_id=item.item_id,
            native_id=item.native_id,
            source_id=item.source_id,
            article_id=article.article_id,
            lane=item.lane,
            synthetic=item.synthetic,
            observed=item.fetched_at,
            published=article.published_at.value,
        ),
        emits=(
            Emit(
                topic=topics.ARTICLE.of(item.lane),
                ce_type=topics.ARTICLE.ce_type,
                ce_id=ids.article_event_id(
                    item.item_id, f"{article.extractor.name}/{article.extractor.version}"
                ),
                key=article.article_id,
                value=encode(article),
            ),
        ),
    )
