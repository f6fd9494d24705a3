"""The local files: RocksDB, as a cache of the sightings topic that is safe to lose.

There is no write-ahead log.  What is written lies in memory until RocksDB writes it out, all tables at once
(``atomic_flush``) and in the order of writing, with the position in the topic in the same batch.  So the files
hold at any moment a state that the fold has had, and after a ``kill -9`` at most the last
`UNWRITTEN_BYTES` of sightings are folded again.  RocksDB checks and cuts what is torn.
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

__all__ = ["Change", "LocalStore", "StoreError"]

UNWRITTEN_BYTES: Final = 64 * 1024 * 1024
_CACHE_BYTES: Final = 64 * 1024 * 1024
_BLOOM_BITS: Final = 10
"""Bits a key: one read in a hundred of what is not there goes to the files."""
_TABLES: Final = ("default", "log", "near")
_META: Final = b"\0meta"
_DAMAGED: Final = "DAMAGED"
"""File that marks the others as not to be read again."""


class StoreError(Exception):
    """The local files cannot be used, by this process or at all."""


class Change(NamedTuple):
    """One key that gets a value, or loses it."""

    table: int
    key: bytes
    value: bytes | None


class LocalStore:
    """Tables of bytes by bytes (see `streams.dedupe.entries`), written in batches that are whole or absent."""

    def __init__(self, directory: Path | None) -> None:
        """Open or make the files; without a *directory* they are temporary.

        Raises:
            StoreError: another process has them open, they are damaged, or they cannot be written.
        """
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="newswire-dedupe-")
        self._path = directory or Path(self._temporary.name)  # type: ignore[union-attr]
        self._open()

    def _open(self) -> None:
        try:
            if (self._path / _DAMAGED).exists():
                shutil.rmtree(self._path)
            self._path.mkdir(parents=True, exist_ok=True)
            cache = Cache(_CACHE_BYTES)
            self._db = Rdict(
                str(self._path),
                _options(cache, bloom=True),
                column_families={
                    name: _options(cache, bloom=name == "default", ordered=name != "default")
                    for name in _TABLES
                },
            )
        except Exception as error:
            raise self._failed(error) from error
        self._families = [self._db.get_column_family(name) for name in _TABLES]
        self._handles = [self._db.get_column_family_handle(name) for name in _TABLES]
        self._no_log = WriteOptions()
        # An attribute, whatever its stub says.
        self._no_log.disable_wal = True  # type: ignore[method-assign, assignment]

    def get(self, table: int, key: bytes) -> bytes | None:
        """Read one value.

        Raises:
            StoreError: the files are damaged.
        """
        try:
            value: bytes | None = self._families[table].get(key)
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
        """Read what the last batch said of the whole."""
        value: bytes | None = self._db.get(_META)
        return value

    def write(self, changes: Iterable[Change], meta: bytes) -> None:
        """Write one batch.

        Raises:
            StoreError: the disk is full or failing.
        """
        batch = WriteBatch(raw_mode=True)
        handles = self._handles
        for table, key, value in changes:
            if value is None:
                batch.delete(key, handles[table])
            else:
                batch.put(key, value, handles[table])
        batch.put(_META, meta, handles[0])
        try:
            self._db.write(batch, self._no_log)
        except Exception as error:
            raise self._failed(error) from error

    def rows(self, table: int, row: npt.DTypeLike) -> tuple[int, npt.NDArray[Any]]:
        """Read a whole table of rows of one type whose keys are consecutive numbers; return the first number
        (0 where there are none) and the rows.
        """
        first: Any = next(iter(self._families[table].keys()), None)
        if first is None:
            return 0, np.empty(0, dtype=row)
        values = b"".join(self._families[table].values())
        # A copy, since rows over bytes are read-only.
        return int.from_bytes(first, "big"), np.frombuffer(values, dtype=row).copy()

    def flush(self) -> None:
        """Make durable all that is written."""
        self._db.flush(wait=True)

    def reset(self) -> None:
        """Forget everything."""
        self._close()
        shutil.rmtree(self._path)
        self._open()

    def close(self) -> None:
        """Make durable all that is written, and let the files go."""
        self.flush()
        self._close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _close(self) -> None:
        # The files stay locked as long as any handle lives.
        for family in self._families:
            family.close()
        self._families, self._handles = [], []
        self._db.close()


def _options(cache: Cache, *, bloom: bool, ordered: bool = False) -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.create_missing_column_families(create_missing_cfs=True)
    options.set_atomic_flush(atomic_flush=True)
    options.set_write_buffer_size(UNWRITTEN_BYTES)
    options.set_db_write_buffer_size(UNWRITTEN_BYTES)
    options.set_max_background_jobs(2)
    options.set_keep_log_file_num(2)
    blocks = BlockBasedOptions()
    blocks.set_block_cache(cache)
    if bloom:
        blocks.set_bloom_filter(_BLOOM_BITS, block_based=False)
        options.set_memtable_prefix_bloom_ratio(0.02)
        options.set_memtable_whole_key_filtering(whole_key_filter=True)
    if ordered:
        # Hashes do not compress, and what is deleted is the oldest: whole files of it.
        options.set_compression_type(DBCompressionType.none())
        options.add_compact_on_deletion_collector_factory(1000, 500, 0.5)
    else:
        options.set_compression_type(DBCompressionType.lz4())
    options.set_block_based_table_factory(blocks)
    return options
