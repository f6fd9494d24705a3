"""The stage's state while partitions come and go: built, given up, let go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from newswire.settings import load_settings
from newswire.telemetry.metrics import REGISTRY, STATE_BYTES
from schemas import topics
from streams.dedupe import stage as stage_module
from streams.dedupe.dedupe import Dedupe
from streams.dedupe.limits import DedupeLimits
from streams.dedupe.slots import take_slot
from streams.dedupe.stage import DedupeStage
from streams.engine.errors import Fatal

PARTITIONS = frozenset({(topics.ARTICLE.name, 0)})
TOPIC = "a topic's id"


class Folding:
    """Stands in for the fold: it lasts until *done*, or ends with *error*."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.begun = asyncio.Event()
        self.error: BaseException | None = None
        self.values: list[bytes] = []
        """Records of the topic."""

    async def __call__(self, state: Dedupe, *_: Any) -> int:
        self.begun.set()
        for offset, value in enumerate(self.values):
            state.fold(value, offset, 0)
        if self.error is not None:
            raise self.error
        await self.done.wait()
        return 0


@pytest.fixture
def folding(monkeypatch: pytest.MonkeyPatch) -> Folding:
    fold = Folding()
    monkeypatch.setattr(stage_module, "fold_topic", fold)
    monkeypatch.setattr(stage_module, "topic_id", lambda *_: TOPIC)
    return fold


@pytest.fixture
def stage(tmp_path: Path, folding: Folding) -> DedupeStage:
    return DedupeStage(load_settings({"data_dir": tmp_path}, environ={}))


def free_slot(tmp_path: Path) -> str:
    """Take the slot that another worker would get now, and tell which."""
    slot = take_slot(tmp_path / "dedupe" / "live", DedupeLimits(), TOPIC)
    slot.release()
    return slot.path.name


async def test_the_files_are_held_from_the_rebuild_to_the_revocation(
    stage: DedupeStage, folding: Folding, tmp_path: Path
):
    folding.done.set()
    await stage.assigned(PARTITIONS)
    assert free_slot(tmp_path) == "1"
    await stage.revoked(PARTITIONS)
    assert free_slot(tmp_path) == "0"


async def test_a_rebuild_is_given_up_and_its_files_let_go_when_the_partition_goes(
    stage: DedupeStage, folding: Folding, tmp_path: Path
):
    assigned = asyncio.create_task(stage.assigned(PARTITIONS))
    await folding.begun.wait()
    assert free_slot(tmp_path) == "1"
    await stage.revoked(PARTITIONS)
    await assigned
    assert free_slot(tmp_path) == "0"


async def test_a_worker_that_is_given_the_partition_again_builds_anew(stage: DedupeStage, folding: Folding):
    first = asyncio.create_task(stage.assigned(PARTITIONS))
    await folding.begun.wait()
    folding.begun.clear()
    second = asyncio.create_task(stage.assigned(PARTITIONS))
    await folding.begun.wait()
    folding.done.set()
    await asyncio.gather(first, second)
    assert await stage.process([]) == []
    await stage.stop()


async def test_records_that_cannot_be_folded_are_counted(stage: DedupeStage, folding: Folding):
    def counted() -> float:
        return REGISTRY.get_sample_value("newswire_dedupe_records_set_aside_total") or 0.0

    before = counted()
    folding.values = [b"no json", b"{}"]
    folding.done.set()
    await stage.assigned(PARTITIONS)
    assert await stage.process([]) == []
    await stage.stop()
    assert counted() == before + 2


async def test_the_memory_of_the_state_is_told_while_there_is_one(stage: DedupeStage, folding: Folding):
    def told() -> dict[str, float]:
        samples = [s for family in STATE_BYTES.collect() for s in family.samples]
        return {sample.labels["part"]: sample.value for sample in samples}

    folding.done.set()
    await stage.assigned(PARTITIONS)
    assert set(told()) == {"near_index", "write_buffer", "cache", "filters"}
    assert told()["near_index"] > 0
    await stage.revoked(PARTITIONS)
    assert told() == {}


@pytest.mark.parametrize("error", [Fatal("no broker"), asyncio.CancelledError()])
async def test_a_rebuild_that_fails_or_is_cut_off_ends_the_worker(
    stage: DedupeStage, folding: Folding, error: BaseException, tmp_path: Path
):
    folding.error = error
    with pytest.raises(Fatal):
        await stage.assigned(PARTITIONS)
    assert free_slot(tmp_path) == "0"
