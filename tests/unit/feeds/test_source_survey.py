"""What `sources check` tells of a source."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from connectors.clock import SystemClock
from connectors.feeds.check import check_source
from connectors.feeds.health import Standing, after_failure, backoff_s, failure_of
from connectors.feeds.model import FeedError, ParsedEntry, ParsedFeed
from connectors.feeds.survey import Survey, survey
from connectors.feeds.survey_view import render, span
from connectors.web.limits import Limits
from connectors.web.message import Request, Response
from schemas.base import Rights
from schemas.limits import MIB
from tests.support.feeds import URL, parsed, rss

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FULL = "<p>" + "A sentence of an article. " * 60 + "</p>"


def answer(body: bytes = b"", **more: Any) -> Response:
    facts: dict[str, Any] = {
        "result": "ok",
        "requested_url": URL,
        "final_url": URL,
        "status": 200,
        "body": body,
    }
    return Response(**facts | {"media_type": "application/rss+xml", "wire_bytes": len(body)} | more)


def items(
    count: int = 12, hours: float = 2.0, description: str = "Short", link: str = "https://example.org/"
) -> str:
    return "".join(
        f"<item><title>Story {n}</title><guid>{n}</guid><link>{link}{n}</link><description>{description}</description>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=hours * n))}</pubDate></item>"
        for n in range(count)
    )


def explained(body: bytes, **more: Any) -> Survey:
    again = more.pop("again", None)
    response = answer(body, **more)
    feed = error = None
    try:
        feed = parsed(body)
    except FeedError as failed:
        error = failed
    return survey(response, now=NOW.timestamp(), feed=feed, error=error, again=again)


def codes(found: Survey) -> set[str]:
    return {finding.code for finding in found.findings}


def test_a_good_feed():
    found = explained(
        rss(
            items(),
            "<title>The Herald</title><link>https://www.example.org/</link><language>en</language><ttl>60</ttl>",
        ),
        headers={"etag": '"a"', "cache-control": "public, max-age=900"},
        again=answer(result="not_modified", status=304),
    )
    assert (found.verdict, found.findings) == ("good", [])
    assert (found.title, found.publisher, found.language, found.version) == (
        "The Herald",
        "example.org",
        "en",
        "rss20",
    )
    assert found.text == "teaser"
    assert found.pace is not None
    assert (found.pace.entries, found.pace.dated, found.pace.per_day, found.pace.median_gap_s) == (
        12,
        12,
        12.0,
        7_200.0,
    )
    assert found.pace.reliable
    assert found.polling is not None
    assert (found.polling.settles_at_s, found.polling.asked_s, found.polling.honoured) == (
        43_200.0,
        3_600.0,
        True,
    )
    assert found.samples == ["Story 0", "Story 1", "Story 2"]


@pytest.mark.parametrize(
    ("feed", "code"),
    [
        (rss(""), "no_entries"),
        (rss("<item><guid>1</guid><link>https://example.org/1</link></item>"), "dates_missing"),
        (rss(items(hours=-30)), "dates_future"),
        (rss(items(hours=0)), "dates_same"),
        (rss("<item><guid>1</guid><pubDate>Tue, 24 Nov 2026 09:30:00 GMT</pubDate></item>"), "links_missing"),
        (rss(items() + "<item><guid>1</guid><link>https://example.org/x</link></item>"), "duplicate_guids"),
        (rss(items() + "<item><title>a</titel></item>"), "ill_formed"),
        (rss(items(link="https://other.example/")), "elsewhere"),
        (rss(items(), "<title>x</title>"), "no_language"),
        (rss(items()), "no_validators"),
        (rss(items(), '<atom:link rel="hub" href="https://hub.example/"/>'), "websub"),
        (
            rss(items().replace("Story 1<", "Fähre<"), before='<?xml version="1.0" encoding="koi8-r"?>'),
            "charset",
        ),
    ],
)
def test_what_is_wrong_with_a_feed(feed: bytes, code: str):
    found = explained(feed)
    assert code in codes(found)
    assert found.verdict in {"good", "usable"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"final_url": "http://example.org/f"}, "unencrypted"),
        ({"final_url": "https://example.org/f2"}, "redirected"),
        ({"permanent_url": "https://example.org/f2"}, "moved"),
        ({"wire_bytes": 5_000_000}, "large"),
        ({"duration_s": 12.0}, "slow"),
        ({"media_type": "text/html"}, "media_type"),
        ({"rights": Rights(tdm_reservation=True)}, "tdm_reserved"),
        ({"rights": Rights(ai_training=False)}, "no_ai_training"),
        ({"rights": Rights(x_robots_tag=["noindex"])}, "x_robots_tag"),
        ({"headers": {"etag": '"a"'}, "again": answer(b"x")}, "validators_ignored"),
    ],
)
def test_what_an_answer_shows(more: dict[str, Any], code: str):
    found = explained(rss(items()), **more)
    assert code in codes(found)
    assert found.adopt_url == more.get("permanent_url")


@pytest.mark.parametrize(
    "result",
    ["robots", "robots_unreachable", "timeout", "connect", "dns", "tls", "too_large", "bomb", "refused_address", "refused_url",
     "redirects", "bad_response", "401", "403", "404", "410", "429", "451", "500", "503", "418"],
)  # fmt: skip
def test_what_cannot_be_fetched(result: str):
    found = survey(answer(result=result, status=None, detail="in words"), now=NOW.timestamp())
    (finding,) = found.findings
    assert (finding.code, finding.severity) == (f"fetch_{result}", "error")
    assert "in words" in finding.what
    assert finding.means
    assert found.verdict == ("blocked" if result in {"robots", "401", "403", "451"} else "unusable")


def test_sizes_are_those_of_the_limits():
    limits = Limits()
    (finding,) = survey(answer(result="too_large", status=None), now=0.0).findings
    for most in (limits.wire_bytes, limits.body_bytes("feed")):
        assert f"{most // MIB} MiB" in finding.what


@pytest.mark.parametrize("result", ["403", "451"])
def test_a_refusal_is_asked_again_as_the_health_says(result: str):
    (finding,) = survey(answer(result=result, status=int(result)), now=0.0).findings
    standing, waits = Standing(status="ok"), []
    for _ in range(6):
        standing = after_failure(standing, 0.0, failure_of(result), result)
        waits.append(backoff_s(standing, 3_600.0))
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert "less and less often" in finding.means


def test_a_wall():
    found = survey(answer(b"<title>Just a moment...</title>__cf_chl_", result="403", status=403), now=0.0)
    assert (found.verdict, codes(found)) == ("blocked", {"blocked"})
    assert "Cloudflare" in found.findings[0].what


def test_a_page_and_nothing():
    found = explained(
        b"<html><link rel=alternate type=application/rss+xml href=/rss title=All>", media_type="text/html"
    )
    assert (found.verdict, [link.url for link in found.feeds]) == ("page", ["https://example.org/rss"])
    assert "page" in codes(found)
    found = explained(b"<html><p>Hi", media_type="text/html")
    assert (found.verdict, codes(found)) == ("page", {"not_a_feed"})
    found = explained(b"\x89PNG" + bytes(50), media_type="image/png")
    assert (found.verdict, codes(found)) == ("unusable", {"not_a_feed"})


def test_whole_articles():
    assert explained(rss(items(description=f"<![CDATA[{FULL}]]>"))).text == "full"
    assert (
        explained(
            rss(items(3) + items(3, description=f"<![CDATA[{FULL}]]>").replace("<guid>", "<guid>b"))
        ).text
        == "mixed"
    )
    assert explained(rss(items(description=""))).text == "none"


def test_the_worst_comes_first():
    found = explained(rss(items(hours=-30)))
    severities = [finding.severity for finding in found.findings]
    assert severities == sorted(severities, key=("error", "warning", "note").index)


def printed(found: Survey) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(render(found))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_it_reads_well_and_as_json():
    found = explained(
        rss(
            items(),
            "<title>[bold]The Herald[/bold]</title><ttl>60</ttl><skipDays><day>Sunday</day></skipDays>",
        )
    )
    text = printed(found)
    for words in (
        "[bold]The Herald[/bold]",
        "12 a day, typically 2 hours apart",
        "not on Sun",
        "never before 1 hour",
    ):
        assert words in " ".join(text.split())
    assert msgspec.json.decode(msgspec.json.encode(found), type=Survey) == found


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 seconds"), (60, "1 minute"), (5_400, "1.5 hours"), (172_800, "2 days")]
)
def test_spans(seconds: float, text: str):
    assert span(seconds) == text


class FakeFetcher:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answers.pop(0)

    async def close(self) -> None:
        raise AssertionError("who made it closes it")


class InPlace:
    """Parses without a child."""

    async def parse(
        self, data: bytes, *, url: str, content_type: str | None = None, charset: str | None = None
    ) -> ParsedFeed:
        return parsed(data, url, charset)

    async def close(self) -> None:
        raise AssertionError("who made it closes it")


async def test_a_check_asks_once_more_with_what_it_was_given():
    fetcher = FakeFetcher(
        answer(rss(items()), headers={"etag": '"a"'}), answer(result="not_modified", status=304)
    )
    found = await check_source(
        URL, fetcher=fetcher, parser=InPlace(), clock=SystemClock(), allow_hosts=("localhost",)
    )
    assert found.polling is not None
    assert found.polling.honoured is True
    assert [(asked.etag, asked.allow_hosts) for asked in fetcher.asked] == [
        (None, ("localhost",)),
        ('"a"', ("localhost",)),
    ]


async def test_a_check_of_what_fails():
    found = await check_source(
        URL, fetcher=FakeFetcher(answer(result="dns")), parser=InPlace(), clock=SystemClock()
    )
    assert codes(found) == {"fetch_dns"}
    page = answer(b"<html><link rel=feed href=/rss>", media_type="text/html")
    found = await check_source(URL, fetcher=FakeFetcher(page), parser=InPlace(), clock=SystemClock())
    assert found.verdict == "page"


DATES = st.sampled_from(
    ["Tue, 24 Nov 2026 09:30:00 GMT", "2026-11-24", "0001-01-01", "9999-99-99", "", "now", "2026-11-24T25:61:61Z",
     "Tue, 32 Nov 2026 09:30:00 GMT", "-1", "2038-01-19T03:14:08Z", "24.11.2026", "\u0662\u0660\u0662\u0666", "1e400"]
)  # fmt: skip
ENTRIES = st.builds(
    ParsedEntry,
    native_id=st.just("1"),
    id_is_own=st.booleans(),
    url=st.none() | st.sampled_from(["https://example.org/1", "https://[x"]),
    title=st.none() | st.text(max_size=9),
    summary=st.none() | st.text(max_size=9),
    published=st.none() | DATES | st.text(max_size=20),
)


@given(
    st.lists(ENTRIES, max_size=8),
    st.none() | st.floats(0, 1e9),
    st.dictionaries(st.sampled_from(["etag", "cache-control", "expires", "age"]), st.text(max_size=20)),
)
def test_whatever_a_feed_says_it_can_be_explained(
    entries: list[ParsedEntry], ttl: float | None, headers: dict[str, str]
):
    feed = ParsedFeed(format="rss", version="rss20", entries=entries, ttl_s=ttl, skip_hours=[1, 25])
    found = survey(answer(b"x", headers=headers), now=NOW.timestamp(), feed=feed)
    assert printed(found)
    assert msgspec.json.encode(found)
