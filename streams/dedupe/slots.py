"""Folders for the local files: each worker that judges has one to itself, held by a lock.

RocksDB files are one process's.  A worker that is frozen, or cut off from Kafka, still holds its own when
another on this machine takes over, so that one needs a folder of its own: ``0``, ``1``, … in the lane's
folder, each beside the lock that its holder keeps for as long as it judges.

Whoever takes over takes, of the folders that nobody holds, the one whose files reach furthest into the
topic, and deletes the others.  So a worker that starts again finds the files it left, and there are never
more folders than this machine's workers held at once when the last of them took over.

Files made from another topic, which had the same name and was deleted, or is another cluster's, hold what
never happened here: beside each folder stands the id of its topic.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from streams.dedupe.limits import DedupeLimits
from streams.dedupe.marks import read_held
from streams.dedupe.store import LocalStore, StoreError

__all__ = ["Slot", "take_slot"]


class Slot(NamedTuple):
    """A folder that is this process's until `release`."""

    path: Path
    lock: FileLock

    @property
    def topic_file(self) -> Path:
        """The file that names the topic that the files were made from."""
        return self.path.with_suffix(".topic")

    def release(self) -> None:
        """Let the folder go, once its files are closed."""
        self.lock.release()


def take_slot(lane: Path, limits: DedupeLimits, topic_id: str) -> Slot:
    """Take a folder in *lane*, which holds those of all workers, for a state under these *limits* that is
    made from the topic of this id.

    Raises:
        StoreError: the folders cannot be made, locked or deleted.
    """
    with contextlib.ExitStack() as releases:
        try:
            lane.mkdir(parents=True, exist_ok=True)
            free = []
            for slot in _lock_free(lane):
                releases.callback(slot.release)
                free.append(slot)
            for slot in free:
                if not _is_of(slot, topic_id):
                    _delete(slot)
            taken = free[0] if len(free) == 1 else max(free, key=lambda slot: _reach(slot.path, limits))
            for slot in free:
                if slot is not taken:
                    _delete(slot)
                    slot.release()
            taken.topic_file.write_text(topic_id, "ascii")
        except OSError as error:
            raise StoreError(f"no folder for dedupe's local files in {lane}: {error}") from error
        releases.pop_all()
    return taken


def _lock_free(lane: Path) -> Iterator[Slot]:
    """Lock every folder that nobody holds, or a new one where there is none."""
    # Locks stay where folders are deleted: to delete a lock that another waits for would be to have two.
    known = {int(path.stem) for path in lane.glob("*.lock") if path.stem.isdecimal()}
    none = True
    for number in sorted(known):
        slot = _locked(lane, number)
        if slot is not None:
            none = False
            yield slot
    for number in count() if none else ():
        slot = None if number in known else _locked(lane, number)
        if slot is not None:
            yield slot
            return


def _locked(lane: Path, number: int) -> Slot | None:
    # The lock belongs to the process, whichever of its threads closes the files.
    lock = FileLock(lane / f"{number}.lock", thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return Slot(lane / str(number), lock)


def _reach(path: Path, limits: DedupeLimits) -> int:
    """Return the offset up to which files hold the topic; -1 where they are of no use."""
    if not path.exists():
        return -1
    try:
        store = LocalStore(path)
        try:
            held = read_held(store.meta(), limits)
        finally:
            store.close()
    except StoreError:
        return -1
    return -1 if held is None else held.position


def _is_of(slot: Slot, topic_id: str) -> bool:
    return slot.topic_file.exists() and slot.topic_file.read_text("ascii") == topic_id


def _delete(slot: Slot) -> None:
    # The name of the topic last: files without it are taken for another's.
    if slot.path.exists():
        shutil.rmtree(slot.path)
    slot.topic_file.unlink(missing_ok=True)
