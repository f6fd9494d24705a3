"""What a publisher allows stands on every item: the feed's words, a page's, and those of what was not had."""

from __future__ import annotations

import asyncio

from connectors.feeds.connector import FeedsConnector
from newswire.settings import Settings
from schemas.base import Rights
from schemas.raw_item import RawItem
from tests.support.web import ADDRESS, Exchange, serving

ROBOTS = b"User-agent: *\nDisallow: /shut\nUser-agent: GPTBot\nDisallow: /\n"
TEASER = (
    "<item><guid>{0}</guid><title>{0}</title><link>{1}</link><description>It begins …</description></item>"
)
WHOLE = "<item><guid>whole</guid><title>whole</title><description>{}</description></item>".format(
    "It goes on. " * 100
)


async def test_signals_of_feeds_pages_and_robots_are_on_the_items():
    async def answer(exchange: Exchange) -> None:
        links = [exchange_url(exchange, path) for path in ("/open", "/shut")]
        feed = f"<rss version='2.0'><channel>{WHOLE}{TEASER.format('open', links[0])}{TEASER.format('shut', links[1])}"
        answers: dict[str, tuple[bytes, dict[str, str | bytes]]] = {
            "/robots.txt": (ROBOTS, {"Content-Type": "text/plain"}),
            "/feed": (
                f"{feed}</channel></rss>".encode(),
                {"Content-Type": "application/rss+xml", "tdm-reservation": "1"},
            ),
            "/open": (
                b"<p>A page of words.</p>",
                {"Content-Type": "text/html", "X-Robots-Tag": "noarchive, noai"},
            ),
        }
        body, headers = answers[exchange.path]
        await exchange.answer(body, headers=headers)

    async with serving(answer) as site:
        allowed = [f"{ADDRESS}:{site.port}"]
        connector = FeedsConnector(settings=Settings())
        options = connector.spec.validate(
            {"feeds": [site.url("/feed")], "allow_hosts": allowed, "once": True, "gap_s": 0}
        )

        def read() -> dict[str | None, RawItem]:
            connector.open(options, {})
            try:
                return {each.item.native_id: each.item for each in connector.read() if each.item is not None}
            finally:
                connector.close()

        items = await asyncio.to_thread(read)
        assert "/shut" not in site.paths
    assert items["whole"].rights == Rights(robots_allowed=True, tdm_reservation=True, ai_training=False)
    assert items["open"].rights == Rights(
        robots_allowed=True, x_robots_tag=["noarchive, noai"], ai_training=False
    )
    shut = items["shut"]
    assert shut.fetch is not None
    assert (shut.fetch.result, shut.body) == ("robots", None)
    assert shut.rights is not None
    assert shut.rights.robots_allowed is False


def exchange_url(exchange: Exchange, path: str) -> str:
    return f"http://{exchange.headers[b'host'].decode()}{path}"
