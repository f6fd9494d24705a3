"""The Faust app of the enrich stage: ``faust -A streams.enrich worker``."""

from __future__ import annotations

from typing import Any

from newswire.settings import Settings, load_settings
from schemas import topics
from streams.engine.faust_app import StageApp, stage_app
from streams.enrich.stage import EnrichStage

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> StageApp:
    """Make the app."""
    settings = settings or load_settings()
    app = stage_app(EnrichStage(settings), settings, fetched_records=64)

    @app.agent(app.topic(topics.UNIQUE.of(settings.lane)), name="enrich")
    async def enrich(stream: Any) -> None:
        await app.run_engine(stream)

    return app
