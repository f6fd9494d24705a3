"""The audit again and again, as metrics: what ``newswire audit --watch`` does until it is asked to stop.

Nothing is kept between two audits but the metrics, so memory is that of one audit, and that is bounded by the
window and by the items that it may hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from kafka.errors import KafkaError

from newswire.ledger.audit import audit
from newswire.ledger.findings import KINDS
from newswire.ledger.groups import LANES
from newswire.ledger.reader import MissingTopic, TopicReader
from newswire.ledger.report import AuditReport
from newswire.settings import Settings
from newswire.telemetry import metrics
from newswire.telemetry.logs import log
from schemas.topics import RAW

__all__ = ["Watch"]

PAUSE_S: Final = 0.1
ASK_EVERY_S: Final = 15.0
"""How often the brokers are asked for a sign of life between two audits."""
EXAMPLES: Final = 3
"""Violations of each kind that the log names."""
MOST_TOLD: Final = 300
"""Characters of an error that the log holds."""
CANNOT_READ: Final = (KafkaError, MissingTopic)


class _Stopped(Exception):
    """Somebody asked for a stop in the middle of an audit."""


class Watch:
    """Audits one cluster now and then.

    Args:
        settings: which cluster; how often, how far back, and what is late.
        stop: whether to stop; asked many times a second.

    """

    def __init__(self, settings: Settings, stop: Callable[[], bool]) -> None:
        self._settings = settings
        self._stop = stop

    def run(self) -> None:
        """Audit until it is asked to stop.  A cluster that cannot be read is counted, and tried again."""
        while not self._stop():
            begun = time.monotonic()
            try:
                self.audit()
            except _Stopped:
                return
            took = time.monotonic() - begun
            # One that takes long leaves the cluster alone for as long as it took.
            self._wait(begun + max(self._settings.audit_interval_s, 2 * took))

    def audit(self) -> AuditReport | None:
        """Audit once and set the metrics; null where the cluster cannot be read.

        The metrics then stay what they were, and only their age tells.
        """
        begun = time.time()
        since_ms = int((begun - self._settings.audit_window_hours * 3600) * 1000)
        report = None
        try:
            report = audit(
                self._settings,
                since_ms=max(0, since_ms),
                examples=EXAMPLES,
                grace_s=self._settings.audit_grace_s,
                most_items=self._settings.audit_max_items,
                progress=self._progress,
            )
        except CANNOT_READ as error:
            log.warning("audit_failed", error=repr(error)[:MOST_TOLD])
        else:
            _answered()
            _show(report, begun)
            _tell(report)
        result = "failed" if report is None else "done"
        metrics.AUDITS.labels(result).inc()
        metrics.AUDIT_ENDED.labels(result).set_to_current_time()
        metrics.AUDIT_DURATION.labels(result).set(time.time() - begun)
        return report

    def ask(self) -> bool:
        """Ask the cluster for a sign of life over a connection of its own, and note when it gave one."""
        try:
            with TopicReader(self._settings) as reader:
                reader.ends(reader.partitions(RAW.name))
        except CANNOT_READ as error:
            log.debug("no_answer", error=repr(error)[:MOST_TOLD])
            return False
        _answered()
        return True

    def _progress(self, _topic: str, _done: int, _total: int) -> None:
        _answered()
        if self._stop():
            raise _Stopped

    def _wait(self, until: float) -> None:
        due = time.monotonic() + ASK_EVERY_S
        while not self._stop() and time.monotonic() < until:
            if time.monotonic() >= due:
                self.ask()
                due = time.monotonic() + ASK_EVERY_S
            time.sleep(PAUSE_S)


def _answered() -> None:
    metrics.BROKER_ANSWERED.set_to_current_time()


def _show(report: AuditReport, begun_s: float) -> None:
    """Set the metrics; a count that is not in the report is 0 and says so."""
    counts = report.counts
    looked_from_s = 0.0 if report.since is None else datetime.fromisoformat(report.since).timestamp()
    metrics.AUDIT_WINDOW.set(begun_s - looked_from_s)
    for lane in LANES:
        metrics.AUDIT_ITEMS.labels(lane).set(counts.live if lane == "live" else counts.backfill)
        metrics.AUDIT_UNENDED.labels(lane, "late").set(counts.late.get(lane, 0))
        metrics.AUDIT_UNENDED.labels(lane, "lost").set(counts.lost.get(lane, 0))
    found = {violation.kind: violation.count for violation in report.violations}
    for kind in KINDS:
        metrics.AUDIT_VIOLATIONS.labels(kind).set(found.get(kind, 0))


def _tell(report: AuditReport) -> None:
    for violation in report.violations:
        log.warning(
            "violation",
            kind=violation.kind,
            meaning=violation.meaning,
            count=violation.count,
            examples=[example.id for example in violation.examples],
        )
    log.info(
        "audited",
        items=report.counts.items,
        under_way=report.counts.under_way,
        late=sum(report.counts.late.values()),
        violated=report.violated,
        seconds=report.seconds,
    )
