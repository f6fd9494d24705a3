"""Conditional requests, and servers that lie in answer to them."""

from __future__ import annotations

import pytest

from connectors.feeds.dates import stamp
from connectors.feeds.model import ParsedEntry, ParsedFeed
from connectors.feeds.polling import after_poll
from connectors.feeds.schedule import DAY_S
from connectors.feeds.state import FeedState
from connectors.feeds.validators import (
    CHECK_AFTER,
    DISTRUST_S,
    LONGEST,
    Validators,
    after_full,
    after_not_modified,
    to_send,
)
from connectors.feeds.window import look
from connectors.web.message import Response
from tests.support.polling import definition

HEADERS = {"etag": 'W/"x\\"y"', "last-modified": "yesterday, more or less"}
GIVEN = (HEADERS["etag"], HEADERS["last-modified"])


def asked(times: int, *, over_s: float, start: float = 0.0) -> Validators:
    """Validators after so many 304s in a row."""
    validators = after_full(Validators(), HEADERS, start, changed=True, oldest_at=None)
    for number in range(times):
        validators = after_not_modified(validators, start + over_s * (number + 1) / times)
    return validators


def test_what_was_given_is_sent_back_byte_for_byte():
    validators = after_full(Validators(), HEADERS, 5.0, changed=True, oldest_at=None)
    assert to_send(validators, 6.0) == GIVEN
    assert to_send(Validators(), 6.0) == (None, None)
    assert to_send(after_full(validators, {}, 7.0, changed=False, oldest_at=None), 8.0) == (None, None)
    assert to_send(
        after_full(validators, {"etag": "e" * (LONGEST + 1)}, 7.0, changed=False, oldest_at=None), 8.0
    ) == (None, None)


@pytest.mark.parametrize(
    ("times", "over_s", "conditional"),
    [
        (CHECK_AFTER, DAY_S, False),
        (CHECK_AFTER - 1, 7 * DAY_S, True),
        (100, DAY_S - 60, True),
        (100, DAY_S, False),
    ],
)
def test_after_a_day_of_304s_the_whole_is_asked_for(times, over_s, conditional):
    assert (to_send(asked(times, over_s=over_s), over_s) == GIVEN) is conditional


@pytest.mark.parametrize(
    ("headers", "changed", "oldest_at", "lied"),
    [
        (HEADERS, False, None, False),
        # The same validators with other content.
        (HEADERS, True, 2 * DAY_S, True),
        # Other ones: then it depends on whether a 304 was said of what was there already.
        ({"etag": "new"}, True, None, False),
        ({"etag": "new"}, True, 0.1 * DAY_S, True),
        ({"etag": "new"}, True, DAY_S + 10, False),
        ({"etag": "new"}, True, DAY_S - 3_600, False),
    ],
)
def test_what_the_check_shows(headers, changed, oldest_at, lied):
    validators = asked(50, over_s=DAY_S)
    now = DAY_S + 600
    after = after_full(validators, headers, now, changed=changed, oldest_at=oldest_at)
    assert (after.distrusted_until > now) is lied
    assert (to_send(after, now + 1)[0] is None) is lied
    assert after.unchanged == 0
    assert after.full_at == now


START = 1_795_521_600.0
SOURCE = definition("https://a.example/feed")


def entry(name: str, text: str, published: float) -> ParsedEntry:
    return ParsedEntry(native_id=name, id_is_own=True, title=name, summary=text, published=stamp(published))


@pytest.mark.parametrize(
    ("etag", "found", "lied"),
    [
        ("new", [entry("a", "edited", START)], False),
        ("new", [entry("b", "text", START + DAY_S), entry("a", "edited", START)], False),
        ("new", [entry("b", "text", 0.0), entry("a", "text", START)], False),
        ("new", [entry("b", "text", START), entry("a", "text", START)], True),
        (HEADERS["etag"], [entry("a", "edited", START)], True),
    ],
)
def test_an_entry_that_was_edited_says_nothing_of_the_last_304(etag, found, lied):
    """Its date is old, and the feed told of the edit when it was asked."""
    state = FeedState(
        polled_at=START,
        window=look(b"", [entry("a", "text", START)]).window(),
        validators=asked(50, over_s=DAY_S, start=START),
    )
    response = Response(
        result="ok",
        requested_url=SOURCE.url,
        final_url=SOURCE.url,
        headers={**HEADERS, "etag": etag},
    )
    feed = ParsedFeed(format="rss", version="rss20", entries=found)
    after = after_poll(state, SOURCE, response, feed, now=START + DAY_S + 600).state
    assert (after.validators.distrusted_until > 0) is lied


def test_a_liar_is_tried_again_after_a_month():
    liar = after_full(asked(50, over_s=DAY_S), HEADERS, DAY_S, changed=True, oldest_at=None)
    later = after_full(liar, HEADERS, 2 * DAY_S, changed=True, oldest_at=None)
    assert to_send(later, DAY_S + DISTRUST_S - 1) == (None, None)
    assert to_send(later, DAY_S + DISTRUST_S) == GIVEN


def test_a_change_without_a_check_is_no_lie():
    after = after_full(asked(3, over_s=3_600.0), HEADERS, 7_200.0, changed=True, oldest_at=0.0)
    assert after.distrusted_until == 0.0
