"""The stages of a filter: those of the workers, and a dedupe whose state ends with the run."""

from __future__ import annotations

from collections.abc import Sequence

from newswire.settings import Settings
from schemas import ids
from schemas.article import Article
from schemas.sighting import Sighting, UniqueArticle
from schemas.vocabulary import StageName
from streams.dedupe.dedupe import Dedupe
from streams.dedupe.stage import judge_inputs, limits_of
from streams.engine.records import Input, Result
from streams.enrich.stage import EnrichStage
from streams.normalize.stage import NormalizeStage

__all__ = ["ORDER", "PipeDedupe", "PipeStage", "as_new", "stages_of"]

ORDER: tuple[StageName, ...] = ("normalize", "dedupe", "enrich")


class PipeDedupe:
    """Dedupe over one run: nothing is known before it and nothing is kept after it."""

    name: StageName = "dedupe"
    batch_size = 64
    concurrency = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state: Dedupe | None = None

    async def start(self) -> None:
        """Begin with an empty state."""
        self._state = Dedupe(limits_of(self._settings), None)

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Judge articles in order."""
        assert self._state is not None
        return judge_inputs(self._state, inputs)

    async def stop(self) -> None:
        """Forget everything."""
        if self._state is not None:
            self._state.close()


PipeStage = NormalizeStage | PipeDedupe | EnrichStage


def stages_of(names: Sequence[str], settings: Settings) -> list[PipeStage]:
    """Make the stages called *names*.

    Raises:
        ValueError: a name is unknown, or they are not in the pipeline's order.
    """
    order = [name for name in ORDER if name in names]
    if not names or list(names) != order:
        raise ValueError(f"name stages in this order, each once: {', '.join(ORDER)}")
    made: dict[str, type[PipeStage]] = {
        "normalize": NormalizeStage,
        "dedupe": PipeDedupe,
        "enrich": EnrichStage,
    }
    return [made[name](settings) for name in order]


def as_new(article: Article, at: str) -> UniqueArticle:
    """Take an article for new, as `normalize enrich` does without dedupe between them."""
    sighting = Sighting(
        item_id=article.item_id,
        native_id=article.native_id,
        source_id=article.source_id,
        link_key=article.link_key,
        article_id=article.article_id,
        revision_id=ids.revision_id(article.article_id, article.content_hash),
        revision_number=1,
        revision_kind="first",
        observed_at=article.fetched_at,
        judged_record_at=at,
        lane=article.lane,
        synthetic=article.synthetic,
        title=article.title,
        url=article.canonical_url,
        publisher=article.publisher,
        published_at=article.published_at.value,
        verdict="new",
        enrich=True,
        window_start=at,
        content_hash=article.content_hash,
        extractor=f"{article.extractor.name}/{article.extractor.version}",
        raw_hash=article.raw_hash,
        text_basis=article.text_basis,
    )
    return UniqueArticle(article=article, sighting=sighting)
