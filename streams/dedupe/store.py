"""The local files: RocksDB, as a cache of the sightings topic that is safe to lose.

There is no write-ahead log.  What is written lies in memory until RocksDB writes it out, whole batches in the
order of writing, each with the position in the topic.  So the files hold at any moment a state that the
fold has had, and after a ``kill -9`` at most half of `MEMORY_MIB` is folded again.  RocksDB checks
what it reads and passes over a torn end.  One column family, since only within one is everything written
out together whoever asks for it; the large values, sketches, go to files of their own that are not
rewritten when keys are sorted.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteOptions,
)

__all__ = ["MEMORY_MIB", "Change", "LocalStore", "StoreError"]

MEMORY_MIB: Final = 128
"""What is written and not yet in files, and what was read of them: half of it for each, unless told."""
_BLOB_FILE_BYTES: Final = 64 * 1024 * 1024
_BLOOM_BITS: Final = 10
"""Bits a key: one read in a hundred of what is not there goes to the files."""
_LARGE_BYTES: Final = 1024
_FAMILY: Final = "default"
"""RocksDB's name of the one column family."""
_MEMORY: Final = {
    "write_buffer": "rocksdb.size-all-mem-tables",
    "cache": "rocksdb.block-cache-usage",
    "filters": "rocksdb.estimate-table-readers-mem",
}
"""What takes memory, and RocksDB's property that says how much."""
_META: Final = b"\0meta"
_DAMAGED: Final = "DAMAGED"
"""File that marks the others as not to be read again."""


class StoreError(Exception):
    """The local files cannot be used, by this process or at all."""


class Change(NamedTuple):
    """One key that gets a value, or loses it."""

    key: bytes
    value: bytes | None


class LocalStore:
    """Bytes by bytes (see `streams.dedupe.entries`), written in batches that are whole or absent."""

    def __init__(self, directory: Path | None, memory_mib: int = MEMORY_MIB) -> None:
        """Open or make the files; without a *directory* they are temporary.

        *memory_mib* bounds what is written and not yet in files, and what is kept of what was read: half each.

        Raises:
            StoreError: another process has them open, they are damaged, or they cannot be written.
        """
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="newswire-dedupe-")
        self._path = directory or Path(self._temporary.name)  # type: ignore[union-attr]
        self._half_bytes = memory_mib * 1024 * 1024 // 2
        self._no_log = WriteOptions()
        # An attribute, whatever its stub says.
        self._no_log.disable_wal = True  # type: ignore[method-assign, assignment]
        self._db = self._open()

    def _open(self) -> Rdict:
        try:
            if (self._path / _DAMAGED).exists():
                shutil.rmtree(self._path)
            self._path.mkdir(parents=True, exist_ok=True)
            # Named for its column family, too: files that are there already are opened with what they themselves
            # say of it, and they say nothing of filters and caches.
            options = _options(self._half_bytes)
            return Rdict(str(self._path), options, column_families={_FAMILY: options})
        except Exception as error:
            raise self._failed(error) from error

    def get(self, key: bytes) -> bytes | None:
        """Read one value.

        Raises:
            StoreError: the files are damaged.
        """
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise self._failed(error) from error
        return value

    def _failed(self, error: Exception) -> StoreError:
        # RocksDB's binding raises plain exceptions: their text is all there is.
        if "Corruption" in str(error):
            # The next to open them begins anew: all that was in them is in the topic.
            (self._path / _DAMAGED).touch()
        return StoreError(f"local files of dedupe in {self._path}: {error}")

    def meta(self) -> bytes | None:
        """Read what the last batch said of the whole.

        Raises:
            StoreError: the files are damaged.
        """
        return self.get(_META)

    def write(self, changes: Iterable[Change], meta: bytes) -> None:
        """Write one batch.

        Raises:
            StoreError: the disk is full or failing.
        """
        batch = WriteBatch(raw_mode=True)
        put = batch.put
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                put(key, value)
        batch.put(_META, meta)
        try:
            self._db.write(batch, self._no_log)
        except Exception as error:
            raise self._failed(error) from error

    def rows(self, prefix: bytes, row: npt.DTypeLike) -> tuple[int, npt.NDArray[Any]]:
        """Read the rows of one type whose keys are *prefix* and consecutive numbers of 8 bytes; return the
        first number (0 where there are none) and the rows.

        Raises:
            StoreError: the files are damaged.
        """
        first, values = 0, []
        try:
            items: Any = self._db.items(from_key=prefix)
            for key, value in items:
                if key[:1] != prefix:
                    break
                first = first or int.from_bytes(key[1:], "big")
                values.append(value)
        except Exception as error:
            raise self._failed(error) from error
        # A copy, since rows over bytes are read-only.
        return first, np.frombuffer(b"".join(values), dtype=row).copy()

    def memory_bytes(self) -> dict[str, int]:
        """Return the bytes of memory that RocksDB says it has in use, by what for; what it does not say is left
        out.
        """
        found = {what: self._db.property_int_value(name) for what, name in _MEMORY.items()}
        return {what: int(value) for what, value in found.items() if value is not None}

    def flush(self) -> None:
        """Make durable all that is written.

        Raises:
            StoreError: the disk is full or failing.
        """
        try:
            self._db.flush(wait=True)
        except Exception as error:
            raise self._failed(error) from error

    def reset(self) -> None:
        """Forget everything."""
        self._db.close()
        shutil.rmtree(self._path)
        self._db = self._open()

    def close(self) -> None:
        """Make durable all that is written, and let the files go."""
        if self._temporary is None:
            self.flush()
        self._db.close()
        if self._temporary is not None:
            self._temporary.cleanup()


def _options(half_bytes: int) -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_write_buffer_size(half_bytes)
    options.set_max_background_jobs(2)
    # Twice the default: a rebuild then sorts everything half as often, and a read asks some filters more.
    options.set_level_zero_file_num_compaction_trigger(8)
    options.set_keep_log_file_num(2)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_memtable_prefix_bloom_ratio(0.02)
    options.set_memtable_whole_key_filtering(whole_key_filter=True)
    # What is deleted was written long before: without asking it would lie there for long.
    options.add_compact_on_deletion_collector_factory(1000, 500, 0.5)
    options.set_enable_blob_files(val=True)
    options.set_min_blob_size(_LARGE_BYTES)
    options.set_blob_file_size(_BLOB_FILE_BYTES)
    options.set_enable_blob_gc(val=True)
    blocks = BlockBasedOptions()
    blocks.set_block_cache(Cache(half_bytes))
    blocks.set_bloom_filter(_BLOOM_BITS, block_based=False)
    options.set_block_based_table_factory(blocks)
    return options
