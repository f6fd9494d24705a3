"""The whole pipeline under Prometheus' eyes: every process, feeds, traffic, alerts, and who is told of them.

All thresholds are shorter than those that are shipped (`OVERLAY`), and all of them by about the same measure, so
that minutes become seconds; rules, routes and inhibition are those that are shipped.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from kafka import KafkaProducer

from connectors.framework.items import Clock, raw_item, text_body
from connectors.sharing.definitions import define
from newswire.broker import DevBroker
from newswire.demo.changing_feed import ChangingFeed
from newswire.settings import Settings
from newswire.sources.editing import editing
from schemas.raw_item import RawItem
from schemas.source import SourceDefinition
from tests.support.brokers import broker_in, environment_for, settings_for
from tests.support.monitoring import (
    Receiver,
    Sample,
    alertmanager_in,
    ask,
    prometheus_in,
    query,
    require_alertmanager,
    values_since,
)
from tests.support.pipeline import raw_record
from tests.support.processes import Worker, Workers, environment, workers_in
from tests.support.refusing_feeds import RefusingFeeds
from tests.support.require import require, require_kafka
from tests.support.switched import SLOW
from tests.support.waiting import eventually
from tests.unit.dedupe.dedupe_parts import prose

__all__ = ["OVERLAY", "PROCESSES", "Live", "Traffic", "live_pipeline"]

PROCESSES: Final = {
    "normalize": (("worker", "normalize"), "assigned"),
    "dedupe": (("worker", "dedupe"), "assigned"),
    "enrich": (("worker", "enrich"), "assigned"),
    "connect": (("connect",), "assigned"),
    "canary": (("canary",), "assigned"),
    "audit": (("audit", "--watch"), "audited"),
}
"""By the label ``process``: the command, and what it logs once it does its work."""
OVERLAY: Final = {
    "brief": "2s",
    "usual": "8s",
    "patient": "4s",
    "long": "4s",
    "settled": "15s",
    "lag_records": "30",
    "lag_within": "10s",
    "drain_s": "10",
    "drain_rate": "10s",
    "busy": "0.8",
    "stalled_s": "40",
    "delivered_within": "30s",
    "letters_within": "15s",
    "letters_gap": "5s",
    "broker_silent_s": "12",
    "failing_share": "0.5",
    "canary_s": "20",
}
FEEDS: Final = 6
SELDOM_S: Final = 15
"""Between polls of the feed whose pages are read: polls go first, and its host has a gap of five seconds."""
ITEMS_A_SECOND: Final = 3.0
DELIVERY_S: Final = 600.0
"""Far above what a broker that was killed takes to be back."""


class Live:
    """What runs.  *switches* is the folder of `tests.support.switched`."""

    def __init__(
        self, kafka: DevBroker, settings: Settings, workers: Workers, feeds: RefusingFeeds, directory: Path
    ) -> None:
        self.kafka, self.settings, self.feeds = kafka, settings, feeds
        self.switches, self.targets = directory / "switches", directory / "targets"
        self.switches.mkdir()
        self.targets.mkdir()
        self.running: dict[str, Worker] = {}
        """By the label ``process``."""
        self.traffic: Traffic
        self.prometheus = ""
        self.began = 0.0
        """When Prometheus was started, by the time of day."""
        self.receiver = Receiver()
        self._workers = workers
        self._environ = environment(**environment_for(settings), SWITCHES=str(self.switches))

    def query(self, expression: str) -> list[Sample]:
        """Ask Prometheus for the value of an expression now."""
        return query(self.prometheus, expression)

    def values(self, expression: str) -> list[float]:
        """Ask Prometheus for every value that an expression has had since it was started."""
        return values_since(self.prometheus, expression, self.began)

    def served(self, name: str) -> str:
        """Return what a process serves under ``/metrics``."""
        port = self.running[name].events("worker_starts")[-1]["metrics_port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return bytes(answer.read()).decode()

    def alerts(self, *states: str) -> set[str]:
        """Return the names of the alerts that are in one of these states (any: pending or firing), those that
        Alertmanager hides, too.
        """
        found = {(each.labels["alertname"], each.labels["alertstate"]) for each in self.query("ALERTS")}
        return {name for name, state in found if not states or state in states}

    def rules(self) -> list[dict[str, Any]]:
        """Return the groups of rules as Prometheus has them, with the health of each rule."""
        groups: list[dict[str, Any]] = ask(f"{self.prometheus}/api/v1/rules")["data"]["groups"]
        return groups

    def start(self, *names: str) -> None:
        """Start processes, wait until they do their work, and let Prometheus know where they serve."""
        for name in names:
            command, _ = PROCESSES[name]
            environ = self._environ | ({"NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S": "5"} if name == "audit" else {})
            self.running[name] = self._workers.newswire(*command, environ=environ, name=name)
        for name in names:
            self.running[name].wait_for(f'"event": "{PROCESSES[name][1]}"', 120)
        self._show_targets()

    def kill(self, name: str) -> None:
        """Kill a process (SIGKILL); Prometheus goes on asking where it was."""
        self.running[name].kill()

    def slow(self, *, on: bool) -> None:
        """Let the model take ten times as long for each text, or no longer."""
        if on:
            (self.switches / SLOW).touch()
        else:
            (self.switches / SLOW).unlink()

    def _show_targets(self) -> None:
        targets = [
            {
                "targets": [f"127.0.0.1:{worker.events('worker_starts')[-1]['metrics_port']}"],
                "labels": {"process": name},
            }
            for name, worker in self.running.items()
        ]
        new = self.targets / "new"
        new.write_text(json.dumps(targets), "utf-8")
        new.replace(self.targets / "newswire.yml")


class Traffic:
    """Puts articles on ``news.raw`` until it is stopped, whatever happens to the broker meanwhile.

    Most are new and quote somebody; some are copies, revisions and repetitions, and some say nothing.
    """

    def __init__(self, kafka: DevBroker, rate: float = ITEMS_A_SECOND) -> None:
        self._rate = rate
        self._clock = Clock()
        self._over = threading.Event()
        self._failed: BaseException | None = None
        self._producer = KafkaProducer(
            bootstrap_servers=kafka.bootstrap,
            delivery_timeout_ms=int(DELIVERY_S * 1000),
            max_block_ms=int(DELIVERY_S * 1000),
            reconnect_backoff_max_ms=1000,
            retries=10**6,
        )
        self._thread = threading.Thread(target=self._send, name="traffic", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more, and wait until the broker has all.

        Raises:
            AssertionError: it has not.
        """
        self._over.set()
        self._thread.join(DELIVERY_S)
        assert self._failed is None, repr(self._failed)

    def item(self, text: str, name: str) -> RawItem:
        """Make an item of the moment: the article called *name* with this text."""
        now = self._clock.now()
        return raw_item(
            source_id="live",
            source_kind="other",
            native_id=name,
            url=f"https://news.example.org/{name}",
            fetched_at=now,
            published_at=now,
            language="en",
            title=f"Of {name}",
            body=text_body(text, "text/plain"),
        )

    def send(self, item: RawItem) -> None:
        """Put an item on the topic, in its turn."""
        self.send_bytes(raw_record(item).value or b"")

    def send_bytes(self, value: bytes) -> None:
        """Put anything on the topic."""
        self._producer.send("news.raw.v1", value).get(DELIVERY_S)

    def _send(self) -> None:
        try:
            number = 0
            while not self._over.wait(1 / self._rate):
                number += 1
                for item in self._items(number):
                    record = raw_record(item)
                    self._producer.send(record.topic, record.value, record.key, list(record.headers))
            self._producer.close(timeout=60)
        except BaseException as error:
            self._failed = error

    def _items(self, number: int) -> Iterator[RawItem]:
        text = _text(number)
        yield self.item(text, f"article-{number}")
        match number % 12:
            case 0:
                # A revision that says what another article said before.
                yield self.item(_text(number - 7), f"article-{number - 8}")
            case 3:
                yield self.item(text, f"copy-{number}")
            case 6:
                yield self.item(f"{text} {prose(30, seed=-number)}", f"article-{number}")
            case 9:
                yield self.item(text, f"article-{number}")
            case 11:
                yield self.item("", f"nothing-{number}")


def _text(number: int) -> str:
    return f"{prose(60, seed=number)}\n“Number {number} was not expected,” said Mayor Ines Okafor of Vellmar."


def _teasers(site: ChangingFeed) -> list[SourceDefinition]:
    """Return a feed of teasers, whose pages are read and visited again, and one that is not there."""
    often = {"min_interval_s": SELDOM_S, "max_interval_s": SELDOM_S, "allow_hosts": [site.host]}
    return [
        define(site.url, revisit_after_s=[1, 2, 4, 8, 16], **often),
        define(f"http://{site.host}/none", **often),
    ]


@contextmanager
def live_pipeline(directory: Path, overlay: Mapping[str, str] = OVERLAY) -> Iterator[Live]:
    """Run all of it until the end of the block; yields it once Prometheus sees every process and no alert is on
    its way.  It takes some 30 seconds.
    """
    require_kafka()
    require("prometheus")
    require_alertmanager()
    with ExitStack() as stack:
        kafka = stack.enter_context(broker_in(directory / "kafka"))
        workers = stack.enter_context(workers_in(directory))
        feeds = RefusingFeeds(FEEDS)
        stack.callback(feeds.close)
        settings = settings_for(
            kafka,
            data_dir=directory / "run",
            enrich_model="tests.support.switched:switched",
            enrich_batch=2,
            window_events=16,  # so that few events wait where nobody counts them as lag
            kafka_session_timeout_s=10,
            canary_interval_s=2,
            audit_interval_s=1,
        )
        site = stack.enter_context(ChangingFeed())
        site.publish()
        with editing(settings) as editor:
            editor.put([*feeds.definitions(), *_teasers(site)])
        live = Live(kafka, settings, workers, feeds, directory)
        stack.callback(live.receiver.close)
        live.start(*PROCESSES)
        alertmanager = stack.enter_context(
            alertmanager_in(
                directory / "alertmanager",
                live.receiver,
                group_wait="1s",
                group_interval="1s",
                repeat_interval="1h",
            )
        )
        live.began = time.time()
        live.prometheus = stack.enter_context(
            prometheus_in(
                directory / "prometheus",
                live.targets,
                alertmanager,
                overlay,
                scrape_interval="1s",
                scrape_timeout="1s",
                evaluation_interval="1s",
            )
        )
        live.traffic = Traffic(kafka)
        stack.callback(live.traffic.stop)
        eventually(lambda: _whole(live), "every process is seen, and nothing is wrong", 180, 1.0)
        yield live


def _whole(live: Live) -> bool:
    up = live.query('up{job="newswire"} == 1')
    canary = live.query("newswire:canary_last_seen_timestamp_seconds:max1d")
    quiet = not live.alerts() and not live.receiver.firing()
    return len(up) == len(PROCESSES) and bool(canary) and quiet
