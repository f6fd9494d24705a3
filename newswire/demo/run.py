"""The demo from its first step to its last."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from connectors.files import FilesConnector
from connectors.framework.errors import ConfigError as OptionError
from connectors.framework.errors import ConnectorError
from connectors.framework.launch import run_connector
from connectors.framework.runner import Report
from connectors.framework.stop import Stop
from newswire.console import relative
from newswire.demo.errors import DemoFailed
from newswire.demo.harvest import Harvester
from newswire.demo.live import show_live
from newswire.demo.steps import Steps
from newswire.demo.summary import Summary, summarise
from newswire.ledger.audit import audit
from newswire.ledger.reader import TopicReader
from newswire.ledger.report import AuditReport
from newswire.settings import Settings
from newswire.supervisor.errors import Interrupted
from newswire.supervisor.pipeline import Pipeline
from newswire.topics import wanted_topics

__all__ = ["DemoFailed", "DemoResult", "run_demo"]

PAUSE_S: Final = 0.2
NAMED: Final = 10
AUDIT_WAIT_S: Final = 30.0
"""For offsets to be committed: what they lie behind is delivered, whatever the outcomes say."""


class DemoResult(msgspec.Struct, kw_only=True):
    """What a demo showed."""

    summary: Summary
    audit: AuditReport
    seconds: dict[str, float]
    """What each step took."""

    @property
    def sound(self) -> bool:
        """Whether the audit found every item done with and nothing wrong."""
        return self.audit.complete and not self.audit.violated and not self.audit.counts.under_way


def run_demo(
    pipeline: Pipeline,
    articles: Path,
    *,
    steps: Steps,
    stop: Stop,
    deadline_s: float,
    live: bool = False,
) -> DemoResult:
    """Start the pipeline, put the articles in, wait for their outcomes, and audit what is there; with *live*
    read a feed that changes, too.

    The pipeline is left up.

    Raises:
        DemoFailed: not all was read, or not every item ended within *deadline_s*.
        Interrupted: *stop* was asked.
        Exception: as `Pipeline.start_kafka` and `Pipeline.start_workers`.
    """
    with steps.step("kafka", "starting Apache Kafka" if pipeline.broker else "reaching Kafka") as step:
        pipeline.start_kafka(stop.asked)
        topics = len(wanted_topics(pipeline.settings))
        step.done = f"Apache Kafka at {pipeline.settings.kafka_bootstrap}, {topics} topics"
    with steps.step("workers", "starting normalize, dedupe and enrich") as step:
        pipeline.start_workers(stop.asked)
        step.done = "normalize, dedupe and enrich ready"
    settings = pipeline.settings
    with TopicReader(settings) as reader:
        harvester = Harvester(reader, settings.lane)
        shown = relative(articles)
        with steps.step("ingest", f"reading {shown}") as step:
            report = _ingest(articles, settings, stop)
            step.done = f"{report.confirmed} items from {shown} in news.raw"
            if report.dead_letters:
                step.done += f", {report.dead_letters} that cannot be read in news.dead-letter"
        with steps.step("outcomes", "waiting for outcomes") as step:
            total = _await_outcomes(
                harvester, pipeline, progress=step.update, stop=stop, deadline_s=deadline_s
            )
            step.done = f"{total} of {total} ended"
        if live:
            with steps.step("feed", "reading a feed that changes") as step:
                count = show_live(
                    settings,
                    harvester,
                    steps=steps,
                    stop=stop,
                    check=pipeline.check,
                    deadline_s=deadline_s,
                )
                step.done = f"a feed read while it changed: {count} of {count} ended"
        with steps.step("audit", "auditing") as step:
            found = audit(settings, wait_s=AUDIT_WAIT_S)
            step.done = f"{found.violated} violations found by the audit"
        harvester.read_events()
    return DemoResult(summary=summarise(harvester.harvest), audit=found, seconds=steps.seconds)


def _ingest(articles: Path, settings: Settings, stop: Stop) -> Report:
    try:
        options = FilesConnector.spec.validate({"paths": [str(articles)], "lane": settings.lane})
        report = run_connector(FilesConnector(), options, settings, stop=stop)
    except (OptionError, ConnectorError) as error:
        raise DemoFailed(error.message) from error
    if report.error is not None:
        raise DemoFailed(report.error.message)
    if report.stopped:
        raise Interrupted
    return report


def _await_outcomes(
    harvester: Harvester,
    pipeline: Pipeline,
    *,
    progress: Callable[[int, int], None],
    stop: Stop,
    deadline_s: float,
) -> int:
    """Wait until every item that was read has an outcome; return how many these are, repeats counted once."""
    deadline = time.monotonic() + deadline_s
    harvester.read_items()
    total = len(harvester.names())
    while True:
        harvester.read_outcomes()
        left = harvester.missing()
        progress(total - len(left), total)
        if not left:
            return total
        if stop.asked():
            raise Interrupted
        if time.monotonic() > deadline:
            names = [f"{name} ({id})" for id, name in islice(left.items(), NAMED)]
            if len(left) > NAMED:
                names.append(f"and {len(left) - NAMED} more")
            raise DemoFailed(f"{len(left)} of {total} items have no outcome after {deadline_s:g} s", names)
        pipeline.check()
        time.sleep(PAUSE_S)
