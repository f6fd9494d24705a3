"""Times in headers: read where they can be, clamped, and never an error."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.cache import freshness_s, http_date, retry_after_s
from connectors.web.limits import DAY_S

NOW = 1_800_000_000.0
MOMENT = 784_111_777.0
GARBAGE = [
    "",
    " ",
    "soon",
    "-1",
    "0x10",
    "1e9",
    "٣",
    "Sun, 99 Foo 9999 99:99:99 GMT",
    "NaN",
    "inf",
    "\0",
    "1" * 9_999,
]


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 10:49:37 +0200",
        "06 Nov 1994 08:49:37 UTC",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ],
)
def test_dates_in_every_form(text: str):
    assert http_date(text) == MOMENT


@pytest.mark.parametrize("text", [*GARBAGE, None])
def test_what_is_no_date_says_nothing(text: str | None):
    assert http_date(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("86400", DAY_S),
        ("86401", DAY_S),
        ("9" * 400, DAY_S),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 0),
        (formatdate(NOW + 10 * DAY_S, usegmt=True), DAY_S),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None):
    assert retry_after_s(text, now=NOW) == seconds


def test_a_date_counts_from_the_answers_own():
    """A server whose clock is an hour slow asks for as long as it means."""
    sent = formatdate(NOW - 3_600, usegmt=True)
    assert retry_after_s(formatdate(NOW - 3_540, usegmt=True), now=NOW, date=sent) == 60
    assert retry_after_s(formatdate(NOW + 60, usegmt=True), now=NOW, date="yesterday") == 60


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'Public, MAX-AGE = "600"'}, 600),
        ({"cache-control": "max-age=600, max-age=5"}, 600),
        ({"cache-control": "s-maxage=5, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "never"}, 600),
        ({"cache-control": "max-age=600", "age": "700"}, 0),
        ({"cache-control": f"max-age={'9' * 5_000}"}, DAY_S),
        ({"cache-control": "max-age=-1"}, None),
        ({"cache-control": "max-age=abc"}, None),
        ({"cache-control": "max-age"}, None),
        ({"cache-control": "no-store, max-age=600"}, 0),
        ({"cache-control": "no-cache"}, 0),
        ({"cache-control": "private"}, None),
        ({"cache-control": ",,;=\0"}, None),
        ({"expires": formatdate(NOW + 60, usegmt=True)}, 60),
        ({"expires": formatdate(NOW + 60, usegmt=True), "date": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"expires": formatdate(NOW + 60, usegmt=True), "date": "now"}, 60),
        ({"expires": formatdate(NOW + 60, usegmt=True), "cache-control": "max-age=5"}, 5),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, DAY_S),
    ],
)
def test_freshness(headers: dict[str, str], seconds: float | None):
    assert freshness_s(headers, NOW) == seconds


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_retry_after_is_within_a_day(text: str, date: str):
    seconds = retry_after_s(text, now=NOW, date=date)
    assert seconds is None or 0 <= seconds <= DAY_S


@given(st.integers(0, 10**400))
def test_any_number_of_seconds_is_clamped(seconds: int):
    assert retry_after_s(str(seconds), now=NOW) == min(seconds, DAY_S)


@given(
    st.dictionaries(
        st.sampled_from(["cache-control", "expires", "date", "age"]),
        st.text(max_size=60)
        | st.integers().map("max-age={}".format)
        | st.floats(-1e12, 1e12).map(lambda moment: formatdate(moment % 4e9, usegmt=True)),
    )
)
def test_any_freshness_is_within_a_day(headers: dict[str, str]):
    seconds = freshness_s(headers, NOW)
    assert seconds is None or 0 <= seconds <= DAY_S
