"""Ports on loopback that tests can rely on: held, so that nobody else takes them meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from newswire.broker.errors import BrokerError
from newswire.broker.ports import HOST, free_port, is_free

TRIES = 50


@contextmanager
def held_port() -> Iterator[int]:
    """A port that nobody serves: whoever connects to it is refused."""
    with socket.socket() as holder:
        # Bound and not listening.
        holder.bind((HOST, 0))
        yield holder.getsockname()[1]


@contextmanager
def taken_between_free_ones() -> Iterator[int]:
    """A port that is served, and whose two neighbours are free.

    The neighbours lie where systems take no ports for outgoing connections, so they stay free but for
    another program that asks for just them.

    Raises:
        BrokerError: none was found.
    """
    for _ in range(TRIES):
        port = free_port()
        try:
            taken = socket.create_server((HOST, port))
        except OSError:
            continue  # another took it since
        with taken:
            if is_free(port - 1) and is_free(port + 1):
                yield port
                return
    raise BrokerError("no three free ports beside one another")
