"""When a feed is polled next."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds import schedule
from connectors.feeds.model import ParsedFeed
from connectors.feeds.schedule import DAY_S, Hints, adapted, asked_s, first_poll, hints_of, next_poll, share

BOUNDS = {"least_s": 600.0, "most_s": DAY_S}
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC).timestamp()  # a Tuesday
MINUTE, HOUR = 60.0, 3600.0


@pytest.mark.parametrize(
    ("headers", "hints", "retry_after_s", "wanted"),
    [
        ({}, Hints(), None, 0.0),
        ({"cache-control": "max-age=300"}, Hints(), None, 300.0),
        ({"cache-control": "public, Max-Age = 300, must-revalidate"}, Hints(), None, 300.0),
        ({"cache-control": 'private,max-age="300"'}, Hints(), None, 300.0),
        ({"cache-control": "s-maxage=900"}, Hints(), None, 0.0),
        ({"cache-control": "no-cache, max-age=0"}, Hints(), None, 0.0),
        ({"cache-control": "max-age=99999999"}, Hints(), None, DAY_S),
        ({"cache-control": "max-age=9999999999999999999"}, Hints(), None, DAY_S),
        ({"cache-control": "max-age=-5"}, Hints(), None, 0.0),
        ({"cache-control": "max-age=300", "age": "100"}, Hints(), None, 200.0),
        ({"cache-control": "max-age=300", "age": "-1"}, Hints(), None, 300.0),
        ({"cache-control": "max-age=300", "age": "900"}, Hints(), None, 0.0),
        ({"expires": "Tue, 24 Nov 2026 13:30:00 GMT"}, Hints(), None, HOUR),
        (
            {"expires": "Tue, 24 Nov 2026 13:30:00 GMT", "date": "Tue, 24 Nov 2026 13:00:00 GMT"},
            Hints(),
            None,
            1800.0,
        ),
        ({"expires": "Tue, 24 Nov 2026 13:30:00 GMT", "cache-control": "max-age=60"}, Hints(), None, 60.0),
        ({"expires": "0"}, Hints(), None, 0.0),
        ({"expires": "-1"}, Hints(), None, 0.0),
        ({"expires": "Tue, 24 Nov 1026 13:30:00 GMT"}, Hints(), None, 0.0),
        ({"expires": "x" * 10_000}, Hints(), None, 0.0),
        ({"expires": "Fri, 24 Nov 2028 13:30:00 GMT"}, Hints(), None, DAY_S),
        ({}, Hints(ttl_s=HOUR), None, HOUR),
        ({}, Hints(update_period_s=2 * HOUR), None, 2 * HOUR),
        ({"cache-control": "max-age=60"}, Hints(ttl_s=HOUR, update_period_s=2 * HOUR), None, 2 * HOUR),
        ({"cache-control": "max-age=60"}, Hints(ttl_s=HOUR), 3 * HOUR, 3 * HOUR),
        ({}, Hints(ttl_s=7 * DAY_S), None, DAY_S),
        ({}, Hints(), 9 * DAY_S, DAY_S),
    ],
)
def test_what_a_feed_asks_for(headers, hints, retry_after_s, wanted):
    assert asked_s(headers, hints, NOW, retry_after_s=retry_after_s) == wanted


@pytest.mark.parametrize(
    ("interval", "shown", "new", "elapsed", "wanted"),
    [
        (HOUR, 30, 10, HOUR, HOUR),
        (HOUR, 30, 20, HOUR, HOUR),
        (HOUR, 30, 15, HOUR, HOUR),
        # All is new: where half of it would be, but at most twice as fast.
        (HOUR, 30, 30, HOUR, HOUR / 2),
        (4 * HOUR, 30, 30, HOUR, 2 * HOUR),
        (HOUR, 30, 24, HOUR, HOUR * 15 / 24),
        # Hardly anything is: slower by a quarter at most.
        (HOUR, 30, 1, HOUR, HOUR * 1.25),
        (HOUR, 30, 0, HOUR, HOUR * 1.25),
        (HOUR, 0, 0, HOUR, HOUR * 1.25),
        # Within its bounds.
        (10 * MINUTE, 30, 30, MINUTE, 10 * MINUTE),
        (DAY_S, 30, 0, DAY_S, DAY_S),
        (HOUR, 30, 30, 0.0, HOUR / 2),
    ],
)
def test_the_pace_follows_the_share_of_what_is_new(interval, shown, new, elapsed, wanted):
    found = adapted(interval, shown=shown, new=new, elapsed_s=elapsed, least_s=600, most_s=DAY_S)
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize("per_hour", [2, 6, 20, 60])
def test_a_steady_feed_is_polled_so_that_between_one_and_two_thirds_of_it_are_known(per_hour):
    chance = random.Random(per_hour)
    interval, entries, shares = schedule.FIRST_INTERVAL_S, 30, []
    for poll in range(400):
        expected = per_hour * interval / HOUR
        came = sum(chance.random() < expected / 1000 for _ in range(1000))
        new = min(came, entries)
        if poll >= 100:
            shares.append(1 - new / entries)
        interval = adapted(interval, shown=entries, new=new, elapsed_s=interval, least_s=600, most_s=DAY_S)
    within = sum(1 / 3 - 0.07 <= each <= 2 / 3 + 0.07 for each in shares) / len(shares)
    assert within > 0.8
    assert 1 / 3 < sum(shares) / len(shares) < 2 / 3


@pytest.mark.parametrize(
    ("now", "interval", "asked", "hints", "wanted"),
    [
        (NOW, HOUR, 0.0, Hints(), (NOW + 0.95 * HOUR, NOW + 1.05 * HOUR)),
        (NOW, HOUR, 2 * HOUR, Hints(), (NOW + 2 * HOUR, NOW + 2.1 * HOUR + 1)),
        # 13 o'clock is skipped: 14, and not all feeds at the same second.
        (NOW, HOUR, 0.0, Hints(skip_hours=1 << 13), (NOW + 1.5 * HOUR, NOW + 1.5 * HOUR + 600)),
        # Tuesday is: Wednesday at midnight.
        (NOW, HOUR, 0.0, Hints(skip_days=1 << 1), (NOW + 11.5 * HOUR, NOW + 11.5 * HOUR + 600)),
        # All hours but one of the weekend.
        (
            NOW,
            HOUR,
            0.0,
            Hints(skip_hours=(1 << 24) - 1 - (1 << 5), skip_days=0b0011111),
            (NOW + 4 * DAY_S - 7.5 * HOUR, NOW + 4 * DAY_S - 7.5 * HOUR + 600),
        ),
    ],
)
def test_the_next_poll(now, interval, asked, hints, wanted):
    for poll in range(50):
        at = next_poll("a", polls=poll, now=now, interval_s=interval, **BOUNDS, asked_s=asked, hints=hints)
        assert wanted[0] <= at <= wanted[1]


@pytest.mark.parametrize("interval", [600.0, DAY_S])
def test_chance_takes_it_out_of_no_bounds(interval):
    waits = {
        next_poll("a", polls=poll, now=NOW, interval_s=interval, **BOUNDS, asked_s=0.0, hints=Hints()) - NOW
        for poll in range(50)
    }
    assert 600 <= min(waits) < max(waits) <= DAY_S


@given(
    polls=st.integers(0, 10_000),
    interval=st.floats(1, DAY_S),
    asked=st.floats(0, DAY_S),
    hours=st.integers(0, (1 << 24) - 1),
    days=st.integers(0, (1 << 7) - 1),
)
def test_it_is_never_earlier_than_asked_nor_in_hours_that_are_skipped(polls, interval, asked, hours, days):
    hints = hints_of(
        ParsedFeed(
            format="rss",
            version="rss20",
            skip_hours=[hour for hour in range(24) if hours >> hour & 1],
            skip_days=[day for day in range(7) if days >> day & 1],
        )
    )
    at = next_poll("a", polls=polls, now=NOW, interval_s=interval, **BOUNDS, asked_s=asked, hints=hints)
    assert at >= NOW + asked
    moment = datetime.fromtimestamp(at, UTC)
    assert not hints.skip_hours >> moment.hour & 1
    assert not hints.skip_days >> moment.weekday() & 1


@pytest.mark.parametrize(
    ("hours", "days", "wanted"),
    [
        ([0, 23, 23, 24, -1], [0, 6, 7], (1 | 1 << 23, 1 | 1 << 6)),
        (list(range(24)), list(range(7)), (0, 0)),
        ([], [], (0, 0)),
    ],
)
def test_what_is_skipped(hours, days, wanted):
    feed = ParsedFeed(format="rss", version="rss20", skip_hours=hours, skip_days=days)
    assert (hints_of(feed).skip_hours, hints_of(feed).skip_days) == wanted


def test_chance_is_the_same_for_the_same_poll_and_spreads_sources():
    assert share("a", 3) == share("a", 3) != share("a", 4)
    firsts = sorted(first_poll(f"source-{n}", 0.0, 600.0) for n in range(1000))
    assert 0 <= firsts[0] < firsts[-1] < 600
    assert all(sum(at // 60 == minute for at in firsts) > 60 for minute in range(10))
