"""What the tests of dedupe share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streams.dedupe.dedupe import Dedupe, DedupeLimits


@pytest.fixture
def dedupe() -> Iterator[Dedupe]:
    """A state in memory, under the usual limits."""
    state = Dedupe(DedupeLimits(), None)
    yield state
    state.close()
