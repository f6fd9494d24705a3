"""Clients of kafka-python that leave nothing behind when they cannot connect.

A client starts its thread before it connects, and kafka-python 3.0 lets that run on when it fails: somebody
who tries again and again runs out of threads and file descriptors.
"""

from __future__ import annotations

from typing import Any

from kafka.net.compat import KafkaNetClient

__all__ = ["connected"]


def connected(client: Any, **options: Any) -> Any:
    """Return ``client(**options)``, a consumer or an admin client.

    Raises:
        KafkaError: no broker answers, or it does not let us in; its thread and its sockets are gone.
    """
    below: list[Any] = []

    def kept(**given: Any) -> Any:
        below.append(KafkaNetClient(**given))
        return below[-1]

    try:
        return client(kafka_client=kept, **options)
    except BaseException:
        for each in below:
            each.close()
        raise
