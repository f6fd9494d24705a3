"""Enrich: entities and claims.  A pure function of each article worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.engine.faust_app import StageApp

    app: StageApp


def __getattr__(name: str) -> Any:
    # Made on demand, for ``faust -A streams.enrich``: the pure parts beside it must not import Faust.
    if name == "app":
        from streams.enrich.agent import create_app

        globals()["app"] = created = create_app()
        return created
    raise AttributeError(name)
