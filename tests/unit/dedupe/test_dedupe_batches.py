"""Many articles made ready at once are judged as they are one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.wire import encode
from streams.dedupe.dedupe import Dedupe, DedupeLimits, UnjudgeableError
from streams.dedupe.item import Item
from tests.unit.dedupe.dedupe_parts import START, article, prose
from tests.unit.dedupe.rebuild_parts import reference
from tests.unit.dedupe.test_dedupe_rebuild import BOUNDED, LIMITS, stream_of, streams


@pytest.mark.parametrize("limits", [LIMITS, BOUNDED], ids=["windows", "bounds"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=streams, size=st.integers(2, 20))
def test_as_one_by_one(limits: DedupeLimits, drawn: list[Any], size: int) -> None:
    """Also where a batch revises, copies and forgets what is in it."""
    inputs, _ = stream_of(drawn)
    state = Dedupe(limits, None)
    found = []
    for first in range(0, len(inputs), size):
        batch = inputs[first : first + size]
        for shown, item in zip(batch, state.ready([one.article for one in batch]), strict=True):
            assert isinstance(item, Item)
            found.append(encode(state.judge_item(item, shown.at_ms)))
    state.close()
    assert found == reference(limits, inputs)


def test_a_damaged_article_costs_no_other() -> None:
    """Each that cannot be judged is told of in its place; the band hashes of the others stay theirs."""
    good = [article(prose(60, seed=n % 3), url=f"https://example.org/{n}") for n in range(6)]
    prints = good[0].fingerprints
    bad = [
        msgspec.structs.replace(good[0], fetched_at="yesterday"),
        msgspec.structs.replace(good[0], fingerprints=msgspec.structs.replace(prints, minhash=b"short")),
        msgspec.structs.replace(good[0], fingerprints=msgspec.structs.replace(prints, minhash=None)),
    ]
    mixed = [good[0], bad[0], good[1], bad[1], good[2], bad[2], *good[3:]]
    state, other = Dedupe(LIMITS, None), Dedupe(LIMITS, None)
    items = state.ready(mixed)
    assert [number for number, item in enumerate(items) if isinstance(item, UnjudgeableError)] == [1, 3]
    for one, item in zip(mixed, items, strict=True):
        if isinstance(item, Item):
            assert state.judge_item(item, START) == other.judge(one, START)
    state.close()
    other.close()
