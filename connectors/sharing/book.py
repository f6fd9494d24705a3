"""Which sources are this worker's to read, now: the one thing that polling knows about sharing."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from schemas.source import SourceDefinition, SourceState

__all__ = ["Change", "SourceBook"]


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """Something that happened to a source of this worker's.

    ``added``: it is ours from now on, with the state the last owner left.  ``changed``: the operator changed
    its definition (also ``enabled``).  ``removed``: the operator deleted it.  ``revoked``: another worker
    owns it from now on, and nothing of it may be fetched or emitted any more.
    """

    kind: Literal["added", "changed", "removed", "revoked"]
    source_id: str
    definition: SourceDefinition | None = None
    state: SourceState | None = None
    """The last owner's; null where nobody ever polled it."""
    not_before: float = 0.0
    """Epoch seconds before which the last owner may still be fetching it."""
    together: int = 1
    """How many sources became ours at one time: a whole partition's, which is told in portions."""


class SourceBook(Protocol):
    """Where changes come from; called in the event loop that polls."""

    async def changes(self, wait_s: float) -> list[Change]:
        """Return what happened since the last call, waiting up to *wait_s* real seconds for something."""

    def holds(self, source_id: str) -> bool:
        """Return whether the source is surely still ours (a lease, renewed by heartbeats): asked before
        each fetch and before each emission.
        """

    def released(self, source_ids: list[str]) -> None:
        """Say that nothing of revoked sources is under way any more: no fetch runs, and all their readings
        are acknowledged.
        """
