"""How short commands print."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["own_name", "print_json", "quiet_kafka"]


def own_name() -> str:
    """Return how this command was called, so that what it tells to type next works as it stands."""
    called = Path(sys.argv[0])
    if called.name != "newswire" or shutil.which("newswire") == str(called.absolute()):
        return "newswire"
    return os.path.relpath(called)


def print_json(value: Any) -> None:
    """Print a value as JSON on one line."""
    print(msgspec.json.encode(value).decode())


def quiet_kafka() -> None:
    """Keep kafka-python from logging each failed connection: the error that ends the command says it."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
