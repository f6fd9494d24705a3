"""Moments as events carry them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.clock import from_ms, in_calendar, is_moment


@pytest.mark.parametrize(
    ("milliseconds", "moment"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999000Z"),
        (1_764_000_000_123, "2025-11-24T16:00:00.123000Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000000Z"),
        (-62_135_596_800_001, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999000Z"),
        (253_402_300_800_000, "9999-12-31T23:59:59.999000Z"),
    ],
)
def test_a_timestamp_as_a_moment(milliseconds: int, moment: str) -> None:
    assert from_ms(milliseconds) == moment


@given(st.integers(-(2**63), 2**63 - 1))
def test_whatever_a_record_has_for_a_timestamp_is_a_moment(milliseconds: int) -> None:
    assert is_moment(from_ms(milliseconds))
    assert from_ms(in_calendar(milliseconds)) == from_ms(milliseconds)
