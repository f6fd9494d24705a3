"""Teasers, the pages behind them, and the visits after."""

from __future__ import annotations

import msgspec
import pytest

from connectors.feeds import pages as waiting
from connectors.feeds.fingerprint import page_fingerprint
from connectors.feeds.following import next_due, request_of
from connectors.feeds.model import ParsedEntry, ParsedFeed
from connectors.feeds.pages import Page, after_failed, kept_entry
from connectors.feeds.polling import after_poll
from connectors.feeds.revisits import (
    CONFIRM_AFTER_S,
    MOST_BYTES,
    MOST_VISITS,
    Learned,
    Visit,
    after_look,
    after_visit,
    first_visit,
    never_changes,
    with_visit,
)
from connectors.feeds.state import FeedState
from connectors.feeds.teaser import follows, is_teaser
from connectors.web.message import Response
from schemas.raw_item import FeedEntry
from tests.support.polling import definition

HOUR = 3600.0
SCHEDULE = (3_600, 21_600, 86_400, 259_200)
LONG = "Words of an article that go on for a while. " * 40


def entry(**fields: object) -> ParsedEntry:
    return ParsedEntry(native_id="a", id_is_own=True, url="http://x.example/a", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "teaser"),
    [
        ({}, True),
        ({"summary": "A few words."}, True),
        ({"summary": LONG}, False),
        ({"summary": LONG[:900]}, True),
        ({"content": LONG[:500]}, False),
        ({"content": LONG[:300]}, True),
        ({"content": f"<p>{LONG}</p>"}, False),
        ({"content": f"<div>{'<p class=x></p>' * 200}</div>"}, True),
        ({"summary": LONG + "…"}, True),
        ({"summary": LONG + "[...]"}, True),
        ({"content": LONG + "Read more"}, True),
        ({"content": f'{LONG}<p>The post <a href="x">A</a> appeared first on <a href="y">B</a>.</p>'}, True),
        ({"content": LONG + "&#8230;"}, True),
        ({"content": "新聞" * 80}, False),
        ({"content": "新聞" * 40}, True),
        ({"content": "x" * 50_000}, False),
        ({"content": "<" * 50_000}, False),
        ({"content": "<" * 15_000}, False),
    ],
)
def test_what_is_a_teaser(fields, teaser):
    assert is_teaser(entry(**fields)) is teaser


@pytest.mark.parametrize(
    ("follow", "fields", "wanted"),
    [
        ("always", {"content": LONG}, True),
        ("teaser", {"content": LONG}, False),
        ("teaser", {"summary": "s"}, True),
        ("never", {"summary": "s"}, False),
    ],
)
def test_what_is_followed(follow, fields, wanted):
    assert follows(entry(**fields), follow) is wanted
    assert not follows(msgspec.structs.replace(entry(**fields), url=None), follow)


def page(**changes: object) -> Page:
    return Page("n", "http://x.example/a", "live", 0.0, FeedEntry(title="t"), **changes)  # type: ignore[arg-type]


def response(result: str, **facts: object) -> Response:
    status = int(result) if result.isdigit() else 200 if result == "ok" else None
    return Response(
        result=result,
        requested_url="http://x.example/a",
        final_url="http://x.example/a",
        status=status,
        **facts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "result", ["timeout", "connect", "dns", "robots_unreachable", "500", "503", "429", "404"]
)
def test_what_may_pass_is_tried_again_a_few_times(result):
    waits, one, now = [], page(), 0.0
    while one is not None:
        one = after_failed(one, response(result), now)
        if one is not None:
            waits.append(one.due - now)
            now = one.due
    assert tuple(waits) == waiting.RETRY_AFTER_S


@pytest.mark.parametrize(
    "result",
    ["robots", "403", "401", "410", "451", "too_large", "bomb", "refused_address", "refused_url", "tls"],
)
def test_what_does_not_pass_is_not(result):
    assert after_failed(page(), response(result), 0.0) is None


def test_it_is_not_tried_before_the_server_wants_it_nor_where_this_is_the_last_run():
    again = after_failed(page(), response("503", retry_after_s=900.0), 5.0)
    assert again is not None
    assert (again.due, again.tries) == (905.0, 1)
    assert after_failed(page(), response("503"), 5.0, last=True) is None


def test_what_waits_is_short():
    kept = kept_entry(FeedEntry(title="t", summary="s" * 6_000, content="c" * 30_000))
    assert len(kept.content or "") == waiting.CONTENT_CHARS + 2
    assert (kept.content or "").endswith("c …")
    assert len(kept.summary or "") == waiting.SUMMARY_CHARS + 2
    short = FeedEntry(title="t", summary="s")
    assert kept_entry(short) == short


def visit(**changes: object) -> Visit:
    made = first_visit(
        native_id="n",
        url="http://x.example/a",
        lane="live",
        title="t" * 1_000,
        published="p",
        response=response("ok", headers={"etag": "e", "last-modified": "m"}),
        words=b"one",
        schedule=SCHEDULE,
        now=0.0,
    )
    assert made is not None
    return msgspec.structs.replace(made, **changes)


def looked(one: Visit, result: str, words: bytes = b"one", *, now: float | None = None, seldom: bool = False):
    return after_visit(
        one,
        response(result, headers={"etag": "e2"}),
        words,
        schedule=SCHEDULE,
        now=one.due if now is None else now,
        seldom=seldom,
    )


def test_a_page_is_visited_on_its_schedule_and_no_more():
    one, times = visit(), []
    while one is not None:
        times.append(one.due)
        seen, one = looked(one, "not_modified")
        assert seen == "unchanged"
    assert tuple(times) == SCHEDULE


def test_a_page_is_visited_after_1_6_24_and_72_hours_and_asked_for_by_its_own_validators():
    source = definition("http://x.example/feed", allow_hosts=["x.example"])
    assert source.revisit_after_s == SCHEDULE
    state = FeedState(next_poll_at=99 * HOUR, visits=(visit(),))
    due = next_due(state, HOUR)
    assert (due.kind, due.at) == ("visit", HOUR)
    asked = request_of(due, state, source, HOUR)
    assert (asked.url, asked.kind, asked.etag, asked.last_modified) == (
        "http://x.example/a",
        "page",
        "e",
        "m",
    )
    assert asked.allow_hosts == ("x.example",)


def test_a_poll_goes_before_pages_but_not_twice():
    state = FeedState(next_poll_at=HOUR, visits=(visit(),))
    assert next_due(state, 2 * HOUR).kind == "poll"
    # Polled late, it is due again before its pages had a turn.
    assert next_due(state, 2 * HOUR, polled=True).kind == "visit"
    assert next_due(state, 2 * HOUR, polled=False).kind == "poll"
    later = FeedState(next_poll_at=HOUR / 2, visits=(visit(),))
    assert next_due(later, HOUR / 2, polled=True) == (HOUR / 2, "poll", 0)
    assert next_due(FeedState(next_poll_at=HOUR), HOUR, polled=True).kind == "poll"


def test_history_is_not_revisited():
    facts = {"native_id": "n", "url": "u", "title": None, "published": None, "words": b"", "now": 0.0}
    assert first_visit(lane="backfill", response=response("ok"), schedule=SCHEDULE, **facts) is None  # type: ignore[arg-type]
    assert first_visit(lane="live", response=response("ok"), schedule=(), **facts) is None  # type: ignore[arg-type]


def test_what_it_says_decides_and_not_its_bytes():
    assert looked(visit(), "ok")[0] == "unchanged"
    seen, following = looked(visit(), "ok", b"two")
    assert seen == "changed"
    assert following is not None
    assert (following.words, following.etag, following.last_modified) == (b"two", "e2", None)


def test_one_404_is_looked_at_again_and_two_are_a_removal():
    seen, once = looked(visit(), "404")
    assert seen == "missing"
    assert once is not None
    assert once.due == HOUR + CONFIRM_AFTER_S
    seen, twice = looked(once, "410")
    assert seen == "withdrawn"
    assert twice is not None
    assert (twice.due, twice.etag) == (SCHEDULE[1], None), "pages come back"
    assert looked(twice, "404")[0] == "unchanged", "withdrawn once"
    seen, back = looked(twice, "ok")
    assert seen == "changed"
    assert back is not None
    assert back.gone == 0


def test_a_404_that_passes_is_nothing():
    _, once = looked(visit(), "404")
    assert once is not None
    seen, following = looked(once, "ok")
    assert seen == "unchanged"
    assert following is not None
    assert (following.gone, following.due) == (0, SCHEDULE[1])


@pytest.mark.parametrize("result", ["timeout", "500", "403", "robots_unreachable"])
def test_a_visit_that_fails_waits_for_the_next(result):
    found, following = looked(visit(), result)
    assert found == "failed"
    assert following is not None
    assert following.due == SCHEDULE[1]


def test_what_robots_forbid_now_is_left_alone():
    assert looked(visit(), "robots") == ("forbidden", None)


def test_visits_that_were_missed_are_not_made_up_for():
    _, following = looked(visit(), "not_modified", now=50 * HOUR)
    assert following is not None
    assert following.due == SCHEDULE[3]
    assert looked(following, "not_modified", now=99 * HOUR)[1] is None


def test_a_source_whose_pages_never_change_is_left_alone():
    learned = Learned()
    for _ in range(39):
        learned = after_look(learned, "unchanged")
    assert not never_changes(learned)
    assert never_changes(after_look(learned, "unchanged"))
    assert not never_changes(after_look(learned, "changed"))
    assert after_look(learned, "failed") == learned
    assert looked(visit(), "not_modified", seldom=True) == ("unchanged", None)
    assert looked(visit(), "ok", b"two", seldom=True)[1] is not None
    for _ in range(1_000):
        learned = after_look(learned, "changed")
    assert learned.visited < 400


def test_visits_are_bounded_by_number_and_size():
    visits: tuple[Visit, ...] = ()
    for number in range(MOST_VISITS + 10):
        visits = with_visit(visits, visit(native_id=str(number), title=None))
    assert len(visits) == MOST_VISITS
    assert visits[-1].native_id == str(MOST_VISITS + 9)
    visits = ()
    for number in range(200):
        visits = with_visit(visits, visit(native_id=str(number), url="u" * 4_000))
    assert 50 < len(visits) < MOST_BYTES / 4_000


PAGE = b"""<html><head><title>T</title><style>p {}</style><script>var n = %d;</script></head><body>
<nav><ul><li><a href="/%d">Other %d</a></li></ul></nav><!-- %d -->
<ARTICLE><h1>Heading</h1><P data-x="%d">The mayor   said <b>no</b>.</P></ARTICLE></body></html>"""


def words(body: bytes, media_type: str | None = "text/html") -> bytes:
    return page_fingerprint(body, media_type)


def test_what_changes_by_itself_is_no_edit():
    assert words(PAGE % (1, 1, 1, 1, 1)) == words(PAGE % (2, 2, 2, 2, 2))


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"no</b>", b"yes</b>"), (b"Heading", b"Headline"), (b"<title>T", b"<title>U"), (b"mayor", b"major")],
)
def test_an_edit_is(old, new):
    one = PAGE % (1, 1, 1, 1, 1)
    assert words(one) != words(one.replace(old, new))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no markup",
        b"<p",
        b"<" * 200_000,
        b"<a" * 200_000,
        b"<" + b"a" * 400_000,
        b"<!--" * 100_000,
        b"<script>" * 100_000,
        b"<SCRIPT>x</Script><p>" * 50_000,
        b"<p>" * 200_000,
        b"<p><a>" * 100_000,
        b"\0\xff\xfe" * 1_000,
    ],
)
def test_whatever_it_is_one_pass_is_enough(body):
    assert len(words(body)) == 8


def test_what_is_no_html_is_its_bytes():
    assert words(b"<p>a</p>", "application/pdf") != words(b"<p>a</p> ", "application/pdf")
    assert words(b"<p>a</p>") == words(b"<p>a</p> ")


@pytest.mark.parametrize(("entries", "chars", "waits"), [(600, 20, 500), (500, 20, 500), (300, 4_000, 120)])
def test_at_most_so_many_pages_wait_and_others_are_shown_by_the_feeds_words(
    entries: int, chars: int, waits: int
):
    shown = [
        ParsedEntry(native_id=str(n), id_is_own=True, url=f"http://x.example/{n}", summary="x" * chars + "…")
        for n in range(entries)
    ]
    response = Response(result="ok", requested_url="http://x.example/", final_url="http://x.example/")
    feed = ParsedFeed(format="rss", version="rss20", entries=shown)
    polled = after_poll(FeedState(), definition("http://x.example/"), response, feed, now=HOUR)
    assert len(polled.state.pages) + len(polled.shown) == entries
    assert all(one.too_many for one in polled.shown)
    assert waits * 0.9 <= len(polled.state.pages) <= waits
    assert sum(map(waiting.weight, polled.state.pages)) <= waiting.MOST_BYTES
