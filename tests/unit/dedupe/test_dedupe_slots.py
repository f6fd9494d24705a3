"""Each worker's local files lie in a folder of its own, and the folders do not pile up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from schemas.wire import encode
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from streams.dedupe.slots import Slot, take_slot
from streams.dedupe.store import StoreError
from tests.unit.dedupe.dedupe_parts import START, article, prose

LIMITS = DedupeLimits()
TOPIC = "4f0c7a52-0000-4000-8000-000000000001"


def names(lane: Path) -> set[str]:
    return {path.name for path in lane.iterdir() if path.is_dir()}


def fill(slot: Slot, sightings: int, limits: DedupeLimits = LIMITS) -> None:
    """Leave files that reach so far into the topic."""
    source, state = Dedupe(limits, None), Dedupe(limits, slot.path)
    for offset in range(sightings):
        seen = article(prose(40, seed=offset), url=f"https://example.org/{offset}", at=START + offset)
        state.fold(encode(source.judge(seen, START + offset)), offset, START + offset)
    state.close()
    source.close()


def test_a_worker_that_starts_again_finds_the_files_it_left(tmp_path: Path):
    lane = tmp_path / "dedupe" / "live"
    slot = take_slot(lane, LIMITS, TOPIC)
    fill(slot, 3)
    slot.release()
    again = take_slot(lane, LIMITS, TOPIC)
    assert again.path == slot.path
    state = Dedupe(LIMITS, again.path)
    assert state.position == 3
    state.close()
    again.release()


def test_two_workers_at_once_have_two_folders_and_lanes_have_their_own(tmp_path: Path):
    live = [take_slot(tmp_path / "live", LIMITS, TOPIC) for _ in range(3)]
    backfill = take_slot(tmp_path / "backfill", LIMITS, TOPIC)
    assert [slot.path for slot in live] == [tmp_path / "live" / str(n) for n in range(3)]
    assert backfill.path == tmp_path / "backfill" / "0"
    states = [Dedupe(LIMITS, slot.path) for slot in (*live, backfill)]
    for state in states:
        state.close()
    for slot in (*live, backfill):
        slot.release()


@pytest.mark.parametrize("order", [(2, 5, 3), (5, 2, 3), (2, 3, 5)])
def test_of_the_free_folders_the_one_that_reaches_furthest_is_kept_and_no_other(
    tmp_path: Path, order: tuple[int, ...]
):
    slots = [take_slot(tmp_path, LIMITS, TOPIC) for _ in order]
    for slot, sightings in zip(slots, order, strict=True):
        fill(slot, sightings)
        slot.release()
    taken = take_slot(tmp_path, LIMITS, TOPIC)
    assert taken.path == slots[order.index(5)].path
    assert names(tmp_path) == {taken.path.name}
    taken.release()


def test_a_folder_that_is_held_is_neither_taken_nor_deleted(tmp_path: Path):
    frozen, left = take_slot(tmp_path, LIMITS, TOPIC), take_slot(tmp_path, LIMITS, TOPIC)
    fill(frozen, 5)
    fill(left, 1)
    left.release()
    successor = take_slot(tmp_path, LIMITS, TOPIC)
    assert successor.path == left.path
    frozen.release()
    assert names(tmp_path) == {"0", "1"}
    successor.release()
    last = take_slot(tmp_path, LIMITS, TOPIC)
    assert last.path == frozen.path
    assert names(tmp_path) == {"0"}
    last.release()


def test_files_that_are_of_no_use_are_not_preferred(tmp_path: Path):
    other_limits, damaged, good = (take_slot(tmp_path, LIMITS, TOPIC) for _ in range(3))
    fill(other_limits, 9, DedupeLimits(max_identities=5000))
    fill(damaged, 9)
    for file in damaged.path.glob("MANIFEST-*"):
        file.write_bytes(b"not a manifest")
    fill(good, 2)
    for slot in (other_limits, damaged, good):
        slot.release()
    taken = take_slot(tmp_path, LIMITS, TOPIC)
    assert taken.path == good.path
    assert names(tmp_path) == {good.path.name}
    taken.release()


def test_the_end_of_a_process_lets_its_folder_go(tmp_path: Path):
    program = (
        "import os, signal, sys; from pathlib import Path; from streams.dedupe.slots import take_slot; "
        "from streams.dedupe.dedupe import DedupeLimits; slot = take_slot(Path(sys.argv[1]), DedupeLimits(), 't'); "
        "print(slot.path.name, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "0\n", done.stderr
    slot = take_slot(tmp_path, LIMITS, TOPIC)
    assert slot.path.name == "0"
    slot.release()


def test_files_made_from_another_topic_are_not_taken_up(tmp_path: Path):
    wiped, of_now = (
        take_slot(tmp_path, LIMITS, "a topic that was deleted"),
        take_slot(tmp_path, LIMITS, TOPIC),
    )
    fill(wiped, 9)
    fill(of_now, 2)
    for slot in (wiped, of_now):
        slot.release()
    taken = take_slot(tmp_path, LIMITS, TOPIC)
    assert taken.path == of_now.path
    taken.release()
    again = take_slot(tmp_path, LIMITS, "created anew")
    state = Dedupe(LIMITS, again.path)
    assert (state.position, state.entries) == (0, 0)
    state.close()
    again.release()


def test_a_data_directory_that_is_a_file_is_an_error_of_the_store(tmp_path: Path):
    (tmp_path / "dedupe").write_text("in the way")
    with pytest.raises(StoreError, match="no folder for"):
        take_slot(tmp_path / "dedupe" / "live", LIMITS, TOPIC)
