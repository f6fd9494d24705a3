"""Send canaries and look for their claims: what ``newswire canary`` does until it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from kafka.errors import KafkaError, KafkaTimeoutError

from connectors.framework.items import Clock
from connectors.framework.producer import SinkOptions, close, connect, require_topic
from connectors.framework.records import raw_record
from newswire.canary.article import article_of, canary, is_known_claim
from newswire.ledger.events import event_of
from newswire.ledger.reader import TopicReader
from newswire.settings import Settings
from newswire.telemetry import metrics
from newswire.telemetry.health import HEALTH
from newswire.telemetry.logs import log
from schemas.claim import Claim
from schemas.topics import CLAIMS, RAW
from streams.engine.records import Record

__all__ = ["Canaries"]

MOST_AWAITED: Final = 10_000
"""Canaries that are looked for at once; the oldest is given up before there are more."""
CLOSE_S: Final = 5.0
LOOP: Final = "canary_loop"
"""As /livez calls it where it stands still."""
MOST_TOLD: Final = 300
"""Characters of an error that the log holds."""


class Canaries:
    """Sends a canary now and then, and looks for the claims of those that it sent.

    Args:
        settings: which cluster, and how often.
        stop: whether to stop; asked some twice a second.
        clock: a monotonic one, in seconds.

    """

    def __init__(
        self, settings: Settings, stop: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._clock = clock
        self._moments = Clock()
        self._awaited: dict[str, float] = {}
        """By article id, when each was sent; the oldest first."""

    def run(self) -> None:
        """Send and look until it is asked to stop.

        Raises:
            KafkaError: the cluster cannot be read.
            connectors.framework.errors.Fatal: it cannot be written to.
            MissingTopic: a topic is not there.
        """
        producer = connect(SinkOptions.of(self._settings))
        try:
            require_topic(producer, RAW.name)
            with TopicReader(self._settings) as reader:
                # From an offset that is known before the first is sent: none can come out unseen.
                partitions = reader.partitions(CLAIMS.name)
                ends = reader.ends(partitions)
                log.info("assigned", stage="canary", partitions=[number for _topic, number in partitions])
                due = self._clock()
                for record in reader.follow(ends):
                    HEALTH.beat(LOOP)
                    if self._stop():
                        return
                    if record is not None:
                        self.look(record)
                    if self._clock() >= due:
                        due = max(due + self._settings.canary_interval_s, self._clock())
                        self.send(producer)
        finally:
            HEALTH.rest(LOOP)
            close(producer, CLOSE_S)

    def send(self, producer: Any) -> None:
        """Send one; a broker that does not take it is told of, and the next one is tried in its turn."""
        item, record = raw_record(canary(self._moments.now()))
        self._awaited[article_of(item)] = self._clock()
        while len(self._awaited) > MOST_AWAITED:
            del self._awaited[next(iter(self._awaited))]
        try:
            sent = producer.send(record.topic, record.value, record.key, list(record.headers))
        except KafkaTimeoutError as error:
            _not_sent(error)
        else:
            sent.add_callback(lambda _: metrics.CANARIES_SENT.inc())
            sent.add_errback(_not_sent)

    def look(self, record: Record) -> None:
        """Note where a record is the claim of a canary that is looked for."""
        claim = event_of(record)
        if not isinstance(claim, Claim) or not is_known_claim(claim):
            return
        sent_at = self._awaited.pop(claim.article_id, None)
        if sent_at is None:
            return  # Another process' canary, or a claim that was delivered twice.
        metrics.CANARY_SEEN.set_to_current_time()
        metrics.CANARY_LATENCY.observe(self._clock() - sent_at)


def _not_sent(error: KafkaError) -> None:
    log.warning("canary_not_sent", error=repr(error)[:MOST_TOLD])
