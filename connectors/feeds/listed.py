"""A book of sources that are named once and nobody else's: for one process that reads a list of feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from connectors.sharing.book import Change

__all__ = ["ListedSources"]


class ListedSources:
    """Gives its sources at once, and holds them for ever."""

    def __init__(self, added: Sequence[Change]) -> None:
        self._added = list(added)

    async def changes(self, wait_s: float) -> list[Change]:
        """Return all of them the first time, none later."""
        added, self._added = self._added, []
        if not added:
            await asyncio.sleep(wait_s)
        return added

    def holds(self, source_id: str) -> bool:
        """Say that it is ours."""
        return True

    def released(self, source_ids: list[str]) -> None:
        """Do nothing: none is ever revoked."""
