"""Look at one source as it would be polled: fetch, parse, ask once more with its validators, explain."""

from __future__ import annotations

from connectors.clock import Clock
from connectors.feeds.model import FeedError, ParsedFeed
from connectors.feeds.steps import FeedReader
from connectors.feeds.survey import Survey, survey
from connectors.web.message import Fetcher, Request, Response

__all__ = ["check_source"]


async def check_source(
    url: str, *, fetcher: Fetcher, parser: FeedReader, clock: Clock, allow_hosts: tuple[str, ...] = ()
) -> Survey:
    """Explain the source at *url*; raises nothing for what is found there."""
    response = await fetcher.fetch(Request(url=url, kind="feed", allow_hosts=allow_hosts))
    if not response.ok:
        return survey(response, now=clock.now())
    feed: ParsedFeed | None = None
    error: FeedError | None = None
    try:
        feed = await parser.parse(
            response.body,
            url=response.final_url,
            content_type=response.media_type,
            charset=response.charset,
        )
    except FeedError as failed:
        error = failed
    again = await _again(response, fetcher, allow_hosts) if feed is not None else None
    return survey(response, now=clock.now(), feed=feed, error=error, again=again)


async def _again(response: Response, fetcher: Fetcher, allow_hosts: tuple[str, ...]) -> Response | None:
    etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
    if etag is None and modified is None:
        return None
    return await fetcher.fetch(
        Request(
            url=response.final_url, kind="feed", etag=etag, last_modified=modified, allow_hosts=allow_hosts
        )
    )
