"""Ports for a broker on loopback."""

from __future__ import annotations

import random
import socket
from typing import Final

from newswire.broker.errors import BrokerError

__all__ = ["HOST", "free_port", "is_free"]

HOST: Final = "127.0.0.1"
# Below the range from which systems take ports of outgoing connections (32768 up on Linux): a client that
# knocks again and again at a dead broker's port there can end up connected to itself, and the broker could
# not come back to it.
FIRST: Final = 20_000
LAST: Final = 32_000
TRIES: Final = 200


def is_free(port: int) -> bool:
    """Tell whether nothing listens at the port on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(*, other_than: int = 0) -> int:
    """Choose a port at random at which nothing listens.

    Raises:
        BrokerError: none was found.
    """
    for _ in range(TRIES):
        port = random.randint(FIRST, LAST)
        if port != other_than and is_free(port):
            return port
    raise BrokerError(f"no free port between {FIRST} and {LAST}")
