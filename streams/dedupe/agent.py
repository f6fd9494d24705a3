"""The Faust app of the dedupe stage: ``faust -A streams.dedupe worker``.

Its input has one partition, so one worker of the group is active and the others stand by; Kafka's group
protocol promotes one of them when the active one goes.
"""

from __future__ import annotations

from typing import Any

from newswire.settings import Settings, load_settings
from schemas import topics
from streams.dedupe.stage import DedupeStage
from streams.engine.faust_app import StageApp, stage_app

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> StageApp:
    """Make the app."""
    settings = settings or load_settings()
    app = stage_app(DedupeStage(settings), settings, fetched_records=500)

    @app.agent(app.topic(topics.ARTICLE.of(settings.lane)), name="dedupe")
    async def dedupe(stream: Any) -> None:
        await app.run_engine(stream)

    return app
