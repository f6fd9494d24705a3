"""Where a feed has moved to."""

from __future__ import annotations

import pytest

from connectors.feeds.health import Failure
from connectors.feeds.polling import address_of, after_poll
from connectors.feeds.redirects import ADOPT_AFTER, Address, after_answer, after_failure
from connectors.feeds.state import FeedState
from connectors.web.message import Response
from tests.support.polling import definition

OLD, NEW, OTHER = "http://a.example/feed", "https://a.example/feed", "https://b.example/feed"


def answered(*urls: str | None, address: Address | None = None) -> Address:
    address = address or Address()
    for url in urls:
        address = after_answer(address, url, OLD)
    return address


@pytest.mark.parametrize(
    ("urls", "adopted"),
    [
        ([NEW] * (ADOPT_AFTER - 1), None),
        ([NEW] * ADOPT_AFTER, NEW),
        ([NEW, NEW, None, NEW], None),
        ([NEW, NEW, OTHER, NEW], None),
        ([NEW, OTHER, OTHER, OTHER], OTHER),
        ([None] * 9, None),
    ],
)
def test_it_is_adopted_when_it_was_said_several_times_in_a_row(urls, adopted):
    assert answered(*urls).adopted == adopted


def test_an_adopted_address_may_move_on_and_back():
    moved = answered(*[NEW] * 3)
    assert answered(None, None, address=moved) == moved
    assert answered(*[OTHER] * 3, address=moved) == Address(adopted=OTHER)
    assert answered(*[OLD] * 3, address=moved) == Address()


@pytest.mark.parametrize(("failure", "times"), [("gone", 1), ("hard", 3), ("blocked", 3), ("soft", 12)])
def test_an_adopted_address_that_fails_is_given_up(failure: Failure, times: int):
    moved = Address(adopted=NEW)
    for _ in range(times - 1):
        moved = after_failure(moved, failure)
        assert moved.adopted == NEW
    assert after_failure(moved, failure) == Address()
    assert answered(None, address=moved) == Address(adopted=NEW), "an answer makes good"


@pytest.mark.parametrize("result", ["dns", "timeout", "connect", "503"])
def test_polls_go_back_to_the_defined_address_when_the_adopted_one_has_lapsed(result: str):
    source = definition(OLD)
    state = FeedState(polled_at=1.0, address=Address(adopted=NEW))
    asked = []
    for poll in range(13):
        url = address_of(state, source)
        asked.append(url)
        failed = Response(result=result, requested_url=url, final_url=url)
        state = after_poll(state, source, failed, None, now=2.0 + poll).state
    assert asked == [NEW] * 12 + [OLD]
    assert state.standing.status == "failing", "it is not given up yet"


def test_the_defined_address_is_never_given_up():
    assert after_failure(Address(candidate=NEW, times=2), "gone") == Address(candidate=NEW, times=2)
