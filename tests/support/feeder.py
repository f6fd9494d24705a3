"""A thread that puts items on the raw topic at a steady rate, whatever happens to the broker meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from kafka import KafkaProducer

from newswire.broker import DevBroker
from schemas.raw_item import RawItem
from tests.support.pipeline import raw_record

DELIVERY_S = 600.0
"""Far above what a broker that was killed takes to be back, several times in a row."""
SLOWER = 5
"""The rate of items is divided by this once there were enough."""


class Feeder:
    """Feeds the first *enough* items at *rate* a second, and then more, slowly, until it is told to `finish`.

    So whatever a test does to the pipeline meets one that works, also where the machine is busy and that takes
    longer than *enough* items do.
    """

    def __init__(self, kafka: DevBroker, items: Sequence[RawItem], *, enough: int, rate: float) -> None:
        self.items, self.enough, self.rate = items, enough, rate
        self.fed = 0
        self._kafka = kafka
        self._over = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)

    @property
    def feeding(self) -> bool:
        """Whether items still come."""
        return self._thread.is_alive()

    @property
    def sent(self) -> Sequence[RawItem]:
        """The items that were fed."""
        return self.items[: self.fed]

    def start(self) -> None:
        # Connected before the first fault: a client that finds no broker at its start gives up.
        self._producer = KafkaProducer(
            bootstrap_servers=self._kafka.bootstrap,
            delivery_timeout_ms=int(DELIVERY_S * 1000),
            max_block_ms=int(DELIVERY_S * 1000),
            reconnect_backoff_max_ms=1000,
            retries=10**6,
        )
        self._thread.start()

    def finish(self) -> None:
        """Feed what is wanting to *enough*, and wait until the broker has all.

        Raises:
            AssertionError: it has not.
        """
        self._over.set()
        self._thread.join(self.enough / self.rate + DELIVERY_S)
        assert self._failed is None, f"item {self.fed}: {self._failed!r}"
        assert not self.feeding, f"only {self.fed} items are fed"

    def _feed(self) -> None:
        try:
            futures = []
            for number, item in enumerate(self.items):
                more = number >= self.enough
                if more and self._over.is_set():
                    break
                record = raw_record(item)
                futures.append(
                    self._producer.send(record.topic, record.value, record.key, list(record.headers))
                )
                self.fed += 1
                time.sleep((SLOWER if more else 1) / self.rate)
            for future in futures:
                future.get(DELIVERY_S)
            self._producer.close(timeout=60)
        except BaseException as error:
            self._failed = error
