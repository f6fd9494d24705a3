"""How short commands print."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

__all__ = ["print_json", "quiet_kafka"]


def print_json(value: Any) -> None:
    """Print a value as JSON on one line."""
    print(msgspec.json.encode(value).decode())


def quiet_kafka() -> None:
    """Keep kafka-python from logging each failed connection: the error that ends the command says it."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
