"""The demo's own directory: wiped at the start, never anybody else's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from newswire.broker import DevBroker
from newswire.settings import ConfigError

__all__ = ["fresh"]

MARK: Final = ".newswire-demo"


@contextmanager
def fresh(directory: Path) -> Iterator[Path]:
    """Give an empty directory to one demo at a time; what an earlier demo left in it is deleted.

    Raises:
        ConfigError: it holds something that no demo made, or another demo or Kafka runs in it.
    """
    directory = directory.expanduser().absolute()
    directory.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(directory.with_name(f".{directory.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigError(f"another demo runs in {directory}: end it, or give --directory") from None
    try:
        if directory.exists() and any(directory.iterdir()):
            if not (directory / MARK).exists():
                raise ConfigError(f"{directory} holds something that is no demo's: give another --directory")
            if DevBroker(directory / "kafka").running:
                raise ConfigError(f"Kafka runs in {directory / 'kafka'}: stop it with newswire kafka stop -d")
            shutil.rmtree(directory)
        directory.mkdir(exist_ok=True)
        (directory / MARK).touch()
        yield directory
    finally:
        lock.release()
