"""A stage without state whose work is done by killable children."""

from __future__ import annotations

from streams.engine.children import Children
from streams.engine.records import Done, Input, Partition, Result

__all__ = ["ChildStage"]


class ChildStage:
    """What such stages share; a subclass adds its name, its topic, and its children in `start`."""

    def __init__(self, *, batch_size: int, children: int) -> None:
        self.batch_size = batch_size
        # One batch waits beside each one under way, so that a child never waits for the loop.
        self.concurrency = children * 2
        self._children: Children | None = None

    async def process(self, inputs: list[Input]) -> list[Result]:
        """Handle a batch in a child."""
        assert self._children is not None
        return await self._children.run(inputs)

    def delivered(self, done: Done, offsets: tuple[int, ...]) -> bool:
        """Nothing to learn: the stage has no state."""
        return True

    async def assigned(self, partitions: frozenset[Partition]) -> None:
        """Nothing to prepare."""

    async def revoked(self, partitions: frozenset[Partition]) -> None:
        """Nothing to forget."""

    async def stop(self) -> None:
        """End the children."""
        if self._children is not None:
            await self._children.stop()
