"""Numbered events, and faults that happen once however often a worker starts."""

from __future__ import annotations

import json
import os
from pathlib import Path

SOURCE, TARGET = "news.raw.v1", "news.article.v1"
FAULT = 57
"""The number of the event at which something happens."""


def target_of(case: str) -> str:
    """Return the topic of a case's outputs: only for transactions does it matter that it has partitions."""
    return "news.unique.v1" if case == "exactly-once" else TARGET


def event(number: int) -> bytes:
    return b'{"n": %d}' % number


def number_of(value: bytes) -> int:
    return int(json.loads(value)["n"])


def once(name: str) -> bool:
    """Return true the first time any process of the test asks for *name*."""
    try:
        os.close(os.open(Path(os.environ["LOSSES_DIR"]) / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def mark(name: str) -> None:
    """Leave a sign for the test."""
    (Path(os.environ["LOSSES_DIR"]) / name).touch()
