"""The enrich stage: articles worth it in, enriched articles, claims and entities out; all in children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import ids, topics
from schemas.enriched import EnrichedArticle
from schemas.sighting import UniqueArticle
from schemas.vocabulary import StageName
from schemas.wire import encode
from streams.engine.child_stage import ChildStage
from streams.engine.children import Children
from streams.engine.records import Done, Emit, Ending, Facts, Failed, Input, Result
from streams.engine.work import decoded
from streams.enrich.enricher import Enricher, failed
from streams.enrich.models import ModelMissingError

if TYPE_CHECKING:  # children import this module, and need none
    from newswire.settings import Settings

__all__ = ["EnrichStage", "enrich_inputs", "load_model"]

_enricher: Enricher | None = None


def load_model(model: str) -> None:
    """Load a model into this process.

    Raises:
        ModelMissingError: there is none, or it does not work; the message says what to do.
    """
    global _enricher  # noqa: PLW0603 - one model in each process, loaded once
    try:
        _enricher = Enricher.load(model)
        _enricher.warm_up()
    except ModelMissingError:
        raise
    except Exception as error:
        why = str(error).partition("\n")[0]
        raise ModelMissingError(
            f"enrich_model {model!r} does not work: install it again, or set another: "
            f"{type(error).__name__}: {why}"
        ) from error


class EnrichStage(ChildStage):
    """Runs `enrich_inputs` in killable children."""

    name: StageName = "enrich"
    reads = topics.UNIQUE

    def __init__(self, settings: Settings) -> None:
        super().__init__(batch_size=settings.enrich_batch, children=settings.enrich_children)
        self._settings = settings

    async def start(self) -> None:
        """Start the children and load the model in each."""
        settings = self._settings
        self._children = Children(
            self.name,
            enrich_inputs,
            count=settings.enrich_children,
            timeout_s=settings.enrich_timeout_s,
            memory_mib=settings.enrich_memory_mib,
            max_tasks=settings.child_max_tasks,
            warm_up=load_model,
            warm_up_args=(settings.enrich_model,),
        )
        await self._children.start()

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Enrich a batch in a child; an article that cost its child its life is emitted as failed."""
        results = await super().process(inputs)
        return [
            _failed_analysis(one, result) if isinstance(result, Failed) else result
            for one, result in zip(inputs, results, strict=True)
        ]


def enrich_inputs(inputs: list[Input]) -> list[Result]:
    """Enrich articles in one call of the model: one result for each input, in order."""
    assert _enricher is not None
    events = [decoded(one, UniqueArticle) for one in inputs]
    good = [event for event in events if not isinstance(event, Failed)]
    attempts = [one.attempt for one, e in zip(inputs, events, strict=True) if not isinstance(e, Failed)]
    enriched = iter(_enricher.enrich(good, attempts))
    return [event if isinstance(event, Failed) else _done(next(enriched)) for event in events]


def _done(article: EnrichedArticle) -> Done:
    return Done(facts=_facts(article), emits=_emits(article), ending=Ending("enriched"))


def _facts(article: EnrichedArticle) -> Facts:
    return Facts(
        item_id=article.item_id,
        native_id=article.native_id,
        source_id=article.source_id,
        article_id=article.article_id,
        revision_id=article.revision_id,
        lane=article.lane,
        synthetic=article.synthetic,
        published=article.published_at.value,
        observed=article.first_seen_at.value,
    )


def _emits(article: EnrichedArticle) -> tuple[Emit, ...]:
    event_id = ids.enriched_event_id(article.item_id, article.enrichment_id, article.attempt)
    whole = Emit(
        topic=topics.ENRICHED.name,
        ce_type=topics.ENRICHED.ce_type,
        ce_id=event_id,
        key=article.revision_id,
        value=encode(article),
        route_by=article.article_id,
    )
    claims = (
        Emit(
            topic=topics.CLAIMS.name,
            ce_type=topics.CLAIMS.ce_type,
            ce_id=ids.part_event_id(event_id, claim.claim_id),
            key=article.article_id,
            value=encode(claim),
            progress=False,
        )
        for claim in article.claims
    )
    entities = (
        Emit(
            topic=topics.ENTITIES.name,
            ce_type=topics.ENTITIES.ce_type,
            ce_id=ids.part_event_id(event_id, entity.entity_id),
            key=article.article_id,
            value=encode(entity),
            progress=False,
        )
        for entity in article.entities
    )
    return (whole, *claims, *entities)


def _failed_analysis(one: Input, result: Failed) -> Failed:
    # Exact copies of this article inherit by reference, so there must be an event to refer to.
    unique = decoded(one, UniqueArticle)
    if isinstance(unique, Failed):
        return result
    article = failed(unique, one.attempt, result.reason)
    return Failed(
        reason=result.reason,
        error=result.error,
        message=result.message,
        trace=result.trace,
        facts=_facts(article),
        emits=_emits(article),
    )
