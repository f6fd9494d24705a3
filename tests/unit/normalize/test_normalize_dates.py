from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Dated
from streams.normalize.dates import Claimed, choose, moment_of, parse_reference

SEEN = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "value", "precision", "flags"),
    [
        ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00+00:00", "second", ()),
        ("2026-11-24T09:30:00.123456789+02:00", "2026-11-24T07:30:00+00:00", "second", ()),
        ("2026-11-24T09:30:00+0200", "2026-11-24T07:30:00+00:00", "second", ()),
        ("2026-11-24 09:30:00 UTC", "2026-11-24T09:30:00+00:00", "second", ()),
        ("2026-11-24 09:30", "2026-11-24T09:30:00+00:00", "minute", ("no_timezone",)),
        ("2026-11-23", "2026-11-23T00:00:00+00:00", "day", ()),
        ("20261123", "2026-11-23T00:00:00+00:00", "day", ()),
        ("2026-11", "2026-11-01T00:00:00+00:00", "month", ()),
        ("2026", "2026-01-01T00:00:00+00:00", "year", ()),
        ("Tue, 24 Nov 2026 09:30:00 GMT", "2026-11-24T09:30:00+00:00", "second", ()),
        ("24 Nov 2026 04:30:00 EST", "2026-11-24T09:30:00+00:00", "second", ()),
        ("Tue, 24 Nov 2026 09:30 +0000", "2026-11-24T09:30:00+00:00", "minute", ()),
        ("1795512600", "2026-11-24T09:30:00+00:00", "second", ()),
        ("1795512600000", "2026-11-24T09:30:00+00:00", "second", ()),
        ("November 23, 2026", "2026-11-23T00:00:00+00:00", "day", ()),
        ("23 November 2026 at 9:30 pm", "2026-11-23T21:30:00+00:00", "minute", ("no_timezone",)),
        ("Nov 2026", "2026-11-01T00:00:00+00:00", "month", ()),
        ("2 hours ago", "2026-11-24T10:00:00+00:00", "minute", ()),
        ("23 November", "2026-11-23T00:00:00+00:00", "day", ()),
        ("25 November", "2025-11-25T00:00:00+00:00", "day", ()),
        ("2026-11-24T12:05:00Z", "2026-11-24T12:05:00+00:00", "second", ()),
        ("2026-11-24T13:00:00Z", "2026-11-24T13:00:00+00:00", "second", ("future",)),
        ("2026-11-24T23:00:00", "2026-11-24T23:00:00+00:00", "second", ("no_timezone",)),
        ("2026-11-25", "2026-11-25T00:00:00+00:00", "day", ()),
        ("2026-11-26", "2026-11-26T00:00:00+00:00", "day", ("future",)),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", "second", ("implausible",)),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "second", ("implausible",)),
        ("1874-05-01", "1874-05-01T00:00:00+00:00", "day", ()),
    ],
)
def test_dates_as_publishers_write_them(raw, value, precision, flags):
    moment = moment_of(Claimed(raw, "page"), SEEN, "en")
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision, moment.flags) == (value, precision, flags)


@pytest.mark.parametrize(
    "raw", ["", "soon", "2026-13-45", "9999-12-31T23:59:59-12:00", "24:61", "1e309", "0" * 90]
)
def test_what_is_no_date(raw):
    assert moment_of(Claimed(raw, "page"), SEEN, "en") is None


def test_months_in_the_language_of_the_text():
    for raw, language in (("23 novembre 2026", "fr"), ("23. November 2026, 18:05 Uhr", "de-AT")):
        moment = moment_of(Claimed(raw, "page"), SEEN, language)
        assert moment is not None
        assert moment.at.date().isoformat() == "2026-11-23"


def test_nothing_is_relative_to_the_clock():
    for raw in ("2 hours ago", "23 November", "yesterday 10:00"):
        assert moment_of(Claimed(raw, "page"), None, "en") is None
    moment = moment_of(Claimed("2999-01-01T00:00:00Z", "page"), None, "en")
    assert moment is not None
    assert moment.flags == ()


@given(st.text(max_size=40), st.sampled_from(["en", "de", "xx", None]))
def test_no_claim_raises(raw, language):
    moment_of(Claimed(raw, "page"), SEEN, language)


@given(st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2026-11-24")))
def test_a_date_written_by_the_rules_is_read_back(at):
    at = at.replace(microsecond=0, tzinfo=UTC)
    moment = moment_of(Claimed(at.isoformat(), "page"), None, None)
    assert moment is not None
    assert moment.at == at


def dated(*claims, missing=True):
    return choose([Claimed(*claim) for claim in claims], SEEN, "en", missing=missing)


def test_the_first_that_can_be_right_counts():
    assert dated(("2026-11-23T08:00:00Z", "page"), ("2026-11-23T07:59:00Z", "feed")) == Dated(
        value="2026-11-23T08:00:00Z", from_="page", precision="second"
    )
    assert dated(("2027-01-01T00:00:00Z", "page"), ("2026-11-23", "feed")) == Dated(
        value="2026-11-23T00:00:00Z", from_="feed", precision="day"
    )


def test_a_day_takes_its_time_from_another_claim():
    assert dated(("2026-11-23", "page"), ("2026-11-23T07:59:00Z", "feed")) == Dated(
        value="2026-11-23T07:59:00Z", from_="feed", precision="second"
    )


def test_claims_that_disagree_are_flagged():
    found = dated(("2026-11-20T08:00:00Z", "page"), ("2026-11-23T08:00:00Z", "feed"))
    assert (found.value, found.flags) == ("2026-11-20T08:00:00Z", ["disagrees"])
    guessed = dated(("2026-11-20T08:00:00Z", "page"), ("2026-11-23", "url", True))
    assert guessed.flags == []


def test_what_only_is_wrong_is_kept_and_flagged():
    assert dated(("2027-01-01", "feed")) == Dated(
        value="2027-01-01T00:00:00Z", from_="feed", precision="day", flags=["future"]
    )
    assert dated(("nonsense", "feed"), ("", "page")) == Dated(flags=["missing"])
    assert dated(missing=False) == Dated()


def test_years_before_1000_keep_four_digits():
    assert dated(("0033-04-03T00:00:00Z", "page")).value == "0033-04-03T00:00:00Z"


def test_the_time_of_fetching():
    assert parse_reference("2026-11-24T12:00:00Z") == SEEN
    assert parse_reference("2026-11-24T12:00:00") == SEEN
    assert parse_reference("yesterday") is None
