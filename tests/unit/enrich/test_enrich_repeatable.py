"""A redelivered article gives the same events to the byte: with the real model, whatever it is read together
with, after whatever, and in whichever process.
"""

from __future__ import annotations

import json
import random

import pytest

from newswire.settings import Settings
from schemas.wire import encode
from streams.engine.records import Done, Emit, Input
from streams.enrich.stage import EnrichStage
from tests.support.require import ROOT
from tests.unit.enrich.enrich_parts import unique

FOLDER = ROOT / "seeds" / "articles"


def seed_texts() -> list[str]:
    files = [file for file in sorted(FOLDER.glob("*.jsonl")) if file.name != "13-broken-lines.jsonl"]
    items = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return list(dict.fromkeys(item["text"] for item in items if "text" in item))


async def events(inputs: list[Input], order: list[int], batch: int) -> list[tuple[Emit, ...]]:
    """Enrich in one new process, in this order and in batches of this size; return the events by input."""
    stage = EnrichStage(Settings())
    await stage.start()
    found: dict[int, tuple[Emit, ...]] = {}
    try:
        for first in range(0, len(order), batch):
            numbers = order[first : first + batch]
            for number, result in zip(
                numbers, await stage.process([inputs[n] for n in numbers]), strict=True
            ):
                assert isinstance(result, Done)
                assert found.setdefault(number, result.emits) == result.emits
    finally:
        await stage.stop()
    return [found[number] for number in range(len(inputs))]


@pytest.mark.timeout(900)
@pytest.mark.slow
async def test_the_same_events_in_other_company_and_in_another_process() -> None:
    texts = seed_texts()
    inputs = [Input(encode(unique(text, number=number)), 0, 1) for number, text in enumerate(texts)]
    there = list(range(len(inputs)))
    mixed = random.Random(5).sample(there, len(there))
    alone = await events(inputs, there, 1)
    # Each comes twice: in one batch with some, and after all, in another batch with others.
    together = await events(inputs, [*mixed, *reversed(there)], 16)
    assert together == alone
    assert sum(map(len, alone)) > 5 * len(texts) > 100
