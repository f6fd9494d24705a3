"""Where a feed has moved to."""

from __future__ import annotations

import pytest

from connectors.feeds.redirects import ADOPT_AFTER, GIVE_UP_AFTER, Address, after_answer, after_failure

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


def test_an_adopted_address_that_fails_is_given_up():
    moved = Address(adopted=NEW)
    assert after_failure(moved, gone=True) == Address()
    for _ in range(GIVE_UP_AFTER - 1):
        moved = after_failure(moved, gone=False)
        assert moved.adopted == NEW
    assert after_failure(moved, gone=False) == Address()
    assert answered(None, address=moved) == Address(adopted=NEW), "an answer makes good"


def test_the_defined_address_is_never_given_up():
    assert after_failure(Address(candidate=NEW, times=2), gone=True) == Address(candidate=NEW, times=2)
