"""The Faust app of the normalize stage: ``faust -A streams.normalize worker``."""

from __future__ import annotations

from typing import Any

from newswire.settings import Settings, load_settings
from schemas import topics
from streams.engine.faust_app import StageApp, stage_app
from streams.normalize.stage import NormalizeStage

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> StageApp:
    """Make the app."""
    settings = settings or load_settings()
    app = stage_app(NormalizeStage(settings), settings, fetched_records=64)

    @app.agent(app.topic(topics.RAW.of(settings.lane)), name="normalize")
    async def normalize(stream: Any) -> None:
        await app.run_engine(stream)

    return app
