"""Steps of a way, coordinates, and moments as people write them."""

from __future__ import annotations

import time

import pytest
import typer

from newswire.cli.moments import moment_ms, span_of
from newswire.ledger.path import steps_of
from newswire.ledger.places import Place
from schemas.outcome import Times
from tests.support.ledger import TIMES, hop

HOPS = [hop("news.raw.v1", 1, 4), hop("news.article.v1", 0, 7), hop("news.unique.v1", 2, 3)]


def test_each_step_has_its_time_since_the_one_before_and_the_record_it_wrote() -> None:
    assert [(step.name, step.after_s, step.places) for step in steps_of(TIMES, HOPS)] == [
        ("published", None, []),
        ("observed", 60.0, []),
        ("raw", 0.25, ["news.raw.v1/1/4"]),
        ("normalized", 0.5, ["news.article.v1/0/7"]),
        ("judged", 0.25, ["news.unique.v1/2/3"]),
        ("enriched", 2.5, []),
    ]


def test_steps_that_were_not_reached_are_not_there() -> None:
    times = Times(observed="2026-11-24T06:00:00Z", raw="2026-11-24T06:00:01Z")
    assert [step.name for step in steps_of(times, HOPS[:1])] == ["observed", "raw"]


def test_the_backfill_lane_has_the_same_steps() -> None:
    hops = [hop("news.raw.backfill.v1", 1, 4)]
    (step,) = steps_of(Times(), hops)
    assert (step.name, step.places) == ("raw", ["news.raw.backfill.v1/1/4"])


def test_a_time_that_is_none_has_no_duration_and_topics_of_others_no_step() -> None:
    times = Times(published="last Tuesday", observed="2026-11-24T06:00:00Z")
    steps = steps_of(times, [hop("elsewhere.v1", 0, 0)])
    assert [(step.name, step.after_s) for step in steps] == [("published", None), ("observed", None)]


def test_a_clock_that_is_behind_shows() -> None:
    times = Times(observed="2026-11-24T06:00:01Z", raw="2026-11-24T06:00:00Z")
    assert steps_of(times, [])[1].after_s == -1.0


def test_places_are_written_and_read() -> None:
    place = Place("news.raw.v1", 3, 17)
    assert Place.parse(str(place)) == place == Place.of(hop("news.raw.v1", 3, 17))
    for text in ("", "news.raw.v1", "news.raw.v1/3", "a b/1/2", "x/-1/2", "https://a.example/1/2", "x/1/2/3"):
        assert Place.parse(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0125, "12 ms"),
        (3.25, "3.2 s"),
        (-1, "-1.0 s"),
        (600, "10 min"),
        (9000, "2.5 h"),
        (432_000, "5.0 d"),
    ],
)
def test_spans_of_time(seconds: float, text: str) -> None:
    assert span_of(seconds) == text


def test_moments_are_ages_or_rfc_3339() -> None:
    assert moment_ms("2026-11-24T06:00:00Z") == moment_ms("2026-11-24T06:00:00") == 1_795_500_000_000
    assert moment_ms("2026-11-24T07:00:00+01:00") == 1_795_500_000_000
    assert abs(moment_ms("1.5h") - (time.time() - 5400) * 1000) < 5000
    for text in ("yesterday", "2 hours", "", "9999999999d"):
        with pytest.raises(typer.BadParameter, match="neither an age"):
            moment_ms(text)
