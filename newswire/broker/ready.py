"""Ask a broker whether it serves, by the protocol that clients use."""

from __future__ import annotations

import socket
from collections.abc import Callable
from time import monotonic, sleep
from typing import Final

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from newswire.broker.ports import HOST

__all__ = ["serves", "wait_until"]

PAUSE_S: Final = 0.1


def serves(port: int, cluster_id: str) -> bool:
    """Tell whether the broker of this cluster answers at the port and takes part in its cluster.

    A node that is still fenced answers, too, but can hold no partitions yet.
    """
    if not _listens(port):
        return False
    try:
        client = KafkaAdminClient(
            bootstrap_servers=f"{HOST}:{port}", bootstrap_timeout_ms=5_000, request_timeout_ms=5_000
        )
        try:
            cluster = client.describe_cluster()
        finally:
            client.close()
    except KafkaError:
        return False
    brokers = cluster["brokers"]
    return cluster["cluster_id"] == cluster_id and any(not each.get("is_fenced") for each in brokers)


def wait_until(holds: Callable[[], bool], timeout_s: float) -> bool:
    """Ask until it holds or the time is over, and return whether it held."""
    deadline = monotonic() + timeout_s
    while not holds():
        if monotonic() >= deadline:
            return False
        sleep(PAUSE_S)
    return True


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
