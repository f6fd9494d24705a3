"""Where the article to explain comes from: a file, the web, or the topics.

What is read from a file or the web goes through the same stages as everything else, in this process, and is
written nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.files import FilesConnector
from connectors.framework.items import Clock, body_of, raw_item
from connectors.web.make import polite_fetcher
from connectors.web.message import Request, Response
from newswire.ledger.events import event_of
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from newswire.ledger.trace import trace
from newswire.pipe import enrich_items
from newswire.settings import Settings
from newswire.telemetry.secrets import without_secrets
from schemas.enriched import EnrichedArticle
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.topics import ENRICHED

__all__ = ["NotExplained", "from_file", "from_topics", "from_web"]

MOST_ITEMS: Final = 20
"""Looked at of one that the topics may know several times."""
SOURCE: Final = "explain"


class NotExplained(Exception):
    """There is no article to show.  The message is one line that says why."""


def from_file(path: str, settings: Settings, limit: int) -> list[EnrichedArticle]:
    """Analyse the first *limit* articles of a file, or of a directory, as `newswire ingest` would read them.

    Raises:
        NotExplained: none of them came through.
        ConnectorError: it cannot be read.
        Fatal: a stage cannot start.
    """
    return _analysed(list(islice(_items(path), limit)), path, settings)


def from_web(url: str, settings: Settings, *, allow_hosts: tuple[str, ...] = ()) -> list[EnrichedArticle]:
    """Fetch a page as politely and guarded as a connector does, and analyse it.

    Raises:
        NotExplained: it was not had, or is no article.
        Fatal: a stage cannot start.
    """
    response = asyncio.run(_fetch(Request(url=url, kind="page", allow_hosts=allow_hosts), settings))
    shown = without_secrets(url)
    if not response.ok:
        detail = f" ({without_secrets(response.detail)})" if response.detail else ""
        raise NotExplained(f"{shown} was not had: {response.result}{detail}")
    item = raw_item(
        source_id=SOURCE,
        source_kind="page",
        native_id=url,
        fetched_at=Clock().now(),
        url=response.final_url,
        body=body_of(response.body, response.media_type or "text/html", charset=response.charset),
    )
    return _analysed([item], shown, settings)


def from_topics(target: str, settings: Settings) -> EnrichedArticle | None:
    """Return the newest enrichment of what *target* means: a link or any id that `newswire trace` takes;
    null where the topics hold none.

    Raises:
        NotALink, MissingTopic, KafkaError: as `newswire trace`.
    """
    with TopicReader(settings) as reader:
        for path in trace(reader, target, limit=MOST_ITEMS):
            places = [place for attempt in path.attempts for step in attempt.steps for place in step.places]
            for place in reversed([Place.parse(each) for each in places]):
                if place is None or place.topic != ENRICHED.name:
                    continue
                record = reader.one(place)
                event = record and event_of(record)
                if isinstance(event, EnrichedArticle):
                    return event
    return None


def _items(path: str) -> Iterator[RawItem]:
    connector = FilesConnector()
    kind = "auto" if path == "-" or Path(path).is_dir() or Path(path).suffix else "text"
    try:
        connector.open(FilesConnector.spec.validate({"paths": [path], "format": kind}), {})
        for reading in connector.read():
            if reading.broken is not None:
                raise NotExplained(f"{path}: {reading.broken.error.message}")
            if reading.item is not None:
                yield reading.item
    finally:
        connector.close()


def _analysed(items: list[RawItem], name: str, settings: Settings) -> list[EnrichedArticle]:
    events = asyncio.run(enrich_items(items, settings))
    articles = [event for event in events if isinstance(event, EnrichedArticle)]
    if not articles:
        ended = [event for event in events if isinstance(event, Outcome)]
        why = f"{ended[0].outcome}: {ended[0].reason}" if ended else "there is nothing in it"
        raise NotExplained(f"{name} is no article that comes through: {why}")
    return articles


async def _fetch(request: Request, settings: Settings) -> Response:
    fetcher = polite_fetcher(settings)
    try:
        return await fetcher.fetch(request)
    finally:
        await fetcher.close()
