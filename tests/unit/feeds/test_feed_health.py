"""How a source does, why, and since when."""

from __future__ import annotations

import pytest

from connectors.feeds.health import (
    LONGEST_WAIT_S,
    Standing,
    after_failure,
    after_success,
    backoff_s,
    failure_of,
    from_health,
    to_health,
)
from connectors.feeds.schedule import DAY_S


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        ("timeout", "soft"),
        ("connect", "soft"),
        ("dns", "soft"),
        ("429", "soft"),
        ("500", "soft"),
        ("503", "soft"),
        ("robots_unreachable", "soft"),
        ("404", "hard"),
        ("400", "hard"),
        ("tls", "hard"),
        ("bomb", "hard"),
        ("redirects", "hard"),
        ("refused_address", "hard"),
        ("401", "blocked"),
        ("403", "blocked"),
        ("451", "blocked"),
        ("robots", "blocked"),
        ("410", "gone"),
    ],
)
def test_failures_weigh_differently(result, failure):
    assert failure_of(result) == failure


def failed(standing: Standing, times: int, failure: str, *, start: float = 0.0) -> list[Standing]:
    after = []
    for number in range(times):
        standing = after_failure(standing, start + number, failure, "why")  # type: ignore[arg-type]
        after.append(standing)
    return after


def test_soft_failures_make_a_source_fail_at_the_fourth_and_hard_ones_at_once():
    soft = failed(after_success(Standing(), 0.0, 0.0), 4, "soft", start=10.0)
    assert [each.status for each in soft] == ["ok", "ok", "ok", "failing"]
    assert (soft[-1].since, soft[-1].reason) == (13.0, "why")
    assert [each.status for each in failed(Standing(), 10, "hard")] == ["failing"] * 9 + ["dimmed"]
    assert failed(Standing(), 40, "soft")[-1].status == "dimmed"
    assert failed(Standing(), 39, "soft")[-1].status == "failing"


def test_since_stays_as_long_as_the_status_does():
    standings = failed(Standing(), 12, "hard", start=100.0)
    assert {each.since for each in standings[:9]} == {100.0}
    assert {each.since for each in standings[9:]} == {109.0}


@pytest.mark.parametrize("failure", ["blocked", "gone"])
def test_what_is_blocked_or_gone_says_so_at_once(failure):
    (standing,) = failed(after_success(Standing(), 0.0, 0.0), 1, failure, start=5.0)
    assert (standing.status, standing.reason, standing.since) == (failure, "why", 5.0)


def test_success_forgives_everything():
    dimmed = failed(Standing(), 20, "hard")[-1]
    well = after_success(dimmed, 1_000.0, 1_000.0)
    assert (well.status, well.reason, well.failures, well.since) == ("ok", None, 0.0, 1_000.0)


def test_what_shows_nothing_new_for_two_weeks_is_stale():
    standing = after_success(Standing(), 100.0, 100.0)
    fresh = after_success(standing, 100.0 + 14 * DAY_S)
    stale = after_success(fresh, 200.0 + 14 * DAY_S)
    still = after_success(stale, 300.0 + 20 * DAY_S)
    again = after_success(still, 400.0 + 20 * DAY_S, 400.0 + 20 * DAY_S)
    assert [each.status for each in (fresh, stale, still, again)] == ["ok", "stale", "stale", "ok"]
    assert stale.since == still.since == 200.0 + 14 * DAY_S
    assert (stale.reason, still.reason) == ("nothing new for 14 days", "nothing new for 20 days")


def test_what_never_showed_anything_is_stale_after_two_weeks_of_answers():
    standing, said = Standing(), []
    for day in range(60):
        standing = after_success(standing, 100.0 + day * DAY_S)
        said.append((standing.status, standing.reason))
    assert said == [("ok", None)] * 15 + [("stale", "it has shown nothing yet")] * 45
    assert after_success(standing, 100.0 + 60 * DAY_S, 100.0 + 60 * DAY_S).status == "ok"


def test_a_date_to_come_does_not_keep_it_fresh():
    assert after_success(Standing(), 100.0, 9e9).last_item_at == 100.0


@pytest.mark.parametrize(
    ("failures", "interval", "wanted"),
    [
        (0.0, 600, 600),
        (0.25, 600, 600 * 2**0.25),
        (1.0, 600, 1_200),
        (3.0, 3_600, 28_800),
        (10.0, 600, LONGEST_WAIT_S),
        (1e6, 600, LONGEST_WAIT_S),
        (2.0, 2 * DAY_S, 2 * DAY_S),
    ],
)
def test_it_is_asked_less_and_less_often_but_for_ever(failures, interval, wanted):
    assert backoff_s(Standing(failures=failures), interval) == pytest.approx(wanted)


def test_it_is_written_and_read_back():
    standing = Standing("failing", "404", 1_700_000_000.25, 2.5, 1_600_000_000.0, 0.0)
    assert from_health(to_health(standing)) == standing
    assert to_health(standing).last_item_at is None
