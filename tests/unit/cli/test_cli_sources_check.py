"""``newswire sources check``: what a newcomer is told of an address, and what scripts are."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from click.testing import Result
from typer.testing import CliRunner

from newswire.cli.sources import app
from tests.support.web import ADDRESS, Handler, page, serving, status


def feed(link: str = "https://example.org") -> bytes:
    now = datetime.now(UTC)
    entries = "".join(
        f"<item><guid>{hours}</guid><title>Entry {hours}</title><link>{link}/{hours}</link>"
        f"<description>A few words …</description><pubDate>{format_datetime(now - timedelta(hours=hours))}</pubDate></item>"
        for hours in range(1, 25, 2)
    )
    head = "<title>The Herald</title><language>en</language><ttl>60</ttl>"
    return f"<rss version='2.0'><channel>{head}{entries}</channel></rss>".encode()


async def check(handlers: dict[str, Handler], *arguments: str) -> Result:
    async with serving(handlers) as site:
        command = ["check", site.url("/feed"), "--allow-host", f"{ADDRESS}:{site.port}", *arguments]
        return await asyncio.to_thread(CliRunner().invoke, app, command)


@pytest.mark.timeout(300)
async def test_a_feed_is_explained():
    handlers = {"/feed": page(feed(), Content_Type="application/rss+xml", ETag='"1"')}
    done = await check(handlers)
    assert done.exit_code == 0, done.output
    for words in (
        "RSS 2.0, utf-8",
        "The Herald",
        "12 a day, typically 2 hours apart",
        "its ttl of 60 minutes",
    ):
        assert words in done.stdout, done.stdout
    told = json.loads((await check(handlers, "--json")).stdout)
    assert told["verdict"] in {"good", "usable"}
    assert {finding["code"] for finding in told["findings"]} >= {"unencrypted"}


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (page(b"<html><link rel=alternate type=application/rss+xml href=/f.xml><p>x</p></html>"), "/f.xml"),
        (page(b"<html><title>A page</title><p>words</p></html>"), "no feed"),
        (status(404), "404"),
        (status(410), "410"),
        (page(b"<html><title>Just a moment...</title>", CF_Mitigated="challenge"), "Cloudflare"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_and_the_exit_code_is_1(handler: Handler, said: str):
    done = await check({"/feed": handler})
    assert done.exit_code == 1, done.output
    assert said in done.stdout


async def test_a_private_address_is_refused_unless_it_is_named():
    done = await asyncio.to_thread(CliRunner().invoke, app, ["check", "http://127.0.0.1/feed"])
    assert done.exit_code == 1
    assert "it leads to a private or reserved address: 127.0.0.1 is loopback" in done.stdout
