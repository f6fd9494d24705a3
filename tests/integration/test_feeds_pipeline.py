"""A feed through all stages: a teaser's page, a silent edit of it, its removal; what could not be had."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.feeds.connector import FeedsConnector
from connectors.framework.launch import run_connector
from connectors.framework.runner import Report
from connectors.framework.stop import Stop
from newswire.broker import DevBroker
from schemas.ids import source_id
from schemas.outcome import Outcome
from tests.support.brokers import settings_for
from tests.support.pipeline import Pipeline
from tests.support.processes import Workers
from tests.support.virtual import FastClock
from tests.support.waiting import eventually
from tests.support.web_pages import PagesInMemory

pytestmark = pytest.mark.kafka

HOUR = 3600.0
SPEED = 400.0
"""An hour takes nine seconds."""
TEXT = (
    "The harbour authority of Port Ellery said on Tuesday that 40 ships were waiting outside the port after "
    "a fire destroyed the northern pier. Mayor Ines Okafor told reporters that nobody had been hurt. "
    "The fire broke out shortly after midnight in a warehouse that stored cotton, and burned for six hours "
    "before crews from three towns brought it under control. Insurance companies have begun to count the "
    "damage along the quay, where cranes stood idle all morning and lorries queued for miles. "
)
OTHER = (
    "A museum in Vellmar has bought the letters of the painter Ida Stroem, its director Karl Weiss said. "
    "They were written between 1911 and 1924 and had been in the attic of a farm until last spring. "
    "The museum wants to show them in May, beside the pictures that they speak of, and to print them in full. "
    "Weiss said that the price was lower than feared, and that two families of the town had paid most of it. "
)


@pytest.fixture
def pipeline(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Pipeline:
    return Pipeline(clean_kafka, workers, settings_for(clean_kafka, data_dir=tmp_path / "run"))


class Site:
    """A feed of teasers and their pages."""

    def __init__(self) -> None:
        self.pages = PagesInMemory()
        self.feed = self.pages.put("application/feed+json", self._feed(), "/feed.json")

    def _feed(self) -> bytes:
        now = datetime.now(UTC).isoformat()
        entries = [
            {
                "id": name,
                "url": f"http://{self.pages.host}/{name}",
                "title": f"Of {name}",
                "summary": summary,
                "date_published": now,
            }
            for name, summary in {
                "fire": "A fire has closed the port.",
                "letters": "A museum buys letters.",
                "missing": "What the feed has of a page that is not there: " + OTHER[:200],
                "empty": "",
            }.items()
        ]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": entries}
        return json.dumps(feed).encode()

    def show(self, name: str, text: str) -> None:
        page = f"<html><head><title>Of {name}</title></head><body><article><h1>Of {name}</h1><p>{text}</p></article>"
        self.pages.put("text/html", page.encode(), f"/{name}")


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.show("fire", TEXT)
    site.show("letters", OTHER)
    yield site
    site.pages.close()


def test_an_edit_a_removal_and_what_could_not_be_had(pipeline: Pipeline, site: Site):
    pipeline.start()
    options = {
        "feeds": [site.feed],
        "allow_hosts": [site.pages.host],
        # Some of them lie behind by the time that a busy machine has brought the first to their end.
        "revisit_after_s": [int(hours * HOUR) for hours in (1, 3, 6, 12, 24, 48)],
    }
    stop, reports = Stop(), list[Report]()
    connector = FeedsConnector(settings=pipeline.settings, clock=FastClock(time.time(), SPEED))
    given = connector.spec.validate(options)

    def read() -> None:
        reports.append(run_connector(connector, given, pipeline.settings, stop=stop))

    def found(*, enough: int) -> list[Outcome]:
        source = source_id("feed", site.feed)
        some = [one for one in pipeline.outcomes().values() if one.source_id == source]
        return some if len(some) >= enough else []

    reading = threading.Thread(target=read)
    reading.start()
    try:
        # The two that are there, and of a page that is not there the words of the feed, or none.
        first = eventually(lambda: found(enough=4), "what the feed shows has ended", 200, 0.5)
        site.show("fire", TEXT.replace("40 ships", "55 ships"))
        site.pages.remove("/letters")
        last = eventually(lambda: found(enough=6), "the edit and the removal have ended", 300, 0.5)
    finally:
        stop.ask()
        reading.join(120)
    assert [report.error for report in reports] == [None]
    ends = sorted((one.native_id, one.outcome, one.reason) for one in first)
    assert ends == [
        ("empty", "rejected", "unfetched:404"),
        ("fire", "enriched", None),
        ("letters", "enriched", None),
        ("missing", "enriched", None),
    ]
    later = {one.native_id: one for one in last if one.item_id not in {each.item_id for each in first}}
    assert set(later) == {"fire", "letters"}
    sightings = {one.item_id: one for one in pipeline.sightings()}
    edit, removal = (sightings[later[name].item_id] for name in ("fire", "letters"))
    assert (edit.verdict, edit.revision_number) == ("revision", 2)
    assert edit.relations[0].numbers_changed
    assert removal.verdict == "withdrawn"
    article_of = {one.native_id: one.article_id for one in first}
    assert (edit.article_id, removal.article_id) == (article_of["fire"], article_of["letters"])
    kinds = {(one.title, one.revision_kind, one.pub_status) for one in pipeline.enriched()}
    assert ("Of letters", "withdrawn", "canceled") in kinds
