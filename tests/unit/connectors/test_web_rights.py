"""Signals of headers and robots.txt become rights, as they were received."""

from __future__ import annotations

import pytest

from connectors.web.rights import declines_training, rights_of
from schemas.base import Rights


def test_nothing_is_nothing():
    assert rights_of({"etag": ['"x"']}) is None


def test_tags_stand_as_received():
    found = rights_of({"x-robots-tag": ["noindex", "otherbot: noarchive", ""]}, robots_allowed=True)
    assert found == Rights(robots_allowed=True, x_robots_tag=["noindex", "otherbot: noarchive"])


@pytest.mark.parametrize(("value", "reserved"), [("1", True), (" 1 ", True), ("0", False), ("yes", False)])
def test_reservation_of_mining(value: str, reserved: bool):
    assert rights_of({"tdm-reservation": [value]}) == Rights(tdm_reservation=reserved)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-robots-tag": ["noindex, NoAI"]},
        {"x-robots-tag": ["bot: noimageai"]},
        {"content-usage": ["train-ai=n"]},
        {"content-signal": ["search=yes, ai-train=no"]},
    ],
)
def test_an_opt_out_from_training(headers: dict[str, list[str]]):
    found = rights_of(headers)
    assert found is not None
    assert found.ai_training is False


def test_an_opt_out_in_robots():
    assert rights_of({}, robots_allowed=True, robots_training=False) == Rights(
        robots_allowed=True, ai_training=False
    )


@pytest.mark.parametrize(
    ("signals", "declined"),
    [
        ("ai-train=no", True),
        ("search=yes,ai-train = NO", True),
        ("train-ai=n", True),
        ("ai-train=yes", False),
        ("ai-train=nope", False),
        ("no-ai-train=no", False),
        ("train-ai=y", False),
        ("", False),
    ],
)
def test_signals(signals: str, declined: bool):
    assert declines_training(signals) is declined


def test_tags_are_bounded():
    found = rights_of({"x-robots-tag": ["x" * 9_999] * 9_999})
    assert found is not None
    assert len(found.x_robots_tag) == 200
    assert {len(tag) for tag in found.x_robots_tag} == {500}
