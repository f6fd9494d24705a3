"""A server that does not answer is knocked at once more, and not for longer than is promised."""

from __future__ import annotations

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from newswire.access import reach
from newswire.access.reach import why_refused
from newswire.settings import Settings, load_settings

ANSWER_S = 0.2
PROMISED_S = 15


class Cluster:
    """Servers that each let the first so many knocks go unanswered, and then name all of them."""

    def __init__(self, **silent: int) -> None:
        self.silent, self.knocks = silent, []

    def connection(self, host: str, port: int, **_options: Any) -> SimpleNamespace:
        async def connect() -> None:
            self.knocks.append(host)
            if self.knocks.count(host) <= self.silent[host]:
                await asyncio.Event().wait()

        async def send(_request: object) -> SimpleNamespace:
            return SimpleNamespace(brokers=[(0, each, port, None) for each in self.silent])

        return SimpleNamespace(connect=connect, send=send, close=lambda: None)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reach.IN_ALL_S < PROMISED_S
    monkeypatch.setattr(reach, "IN_ALL_S", reach.IN_ALL_S / reach.ANSWER_S * ANSWER_S)
    monkeypatch.setattr(reach, "ANSWER_S", ANSWER_S)


def asked(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Ask over the first server why we are refused."""
    monkeypatch.setattr(reach, "AIOKafkaConnection", cluster.connection)
    return why_refused(settings_of(next(iter(cluster.silent))))


def settings_of(host: str) -> Settings:
    return load_settings({"kafka_bootstrap": f"{host}:9093"}, environ={})


@pytest.mark.parametrize(
    ("silent", "knocks"),
    [
        ({"a": 0}, ["a"]),
        ({"a": 1}, ["a", "a"]),
        ({"a": 0, "b": 1}, ["a", "b", "b"]),
        ({"a": 1, "b": 0}, ["a", "a", "b"]),
    ],
)
def test_one_that_answers_the_second_time_lets_us_in(monkeypatch, silent, knocks):
    cluster = Cluster(**silent)
    assert asked(cluster, monkeypatch) is None
    assert cluster.knocks == knocks


@pytest.mark.parametrize(
    ("silent", "knocks"),
    [({"a": 9}, ["a", "a"]), ({"a": 0, "b": 9}, ["a", "b", "b"]), ({"a": 1, "b": 9}, ["a", "a", "b"])],
)
def test_one_that_does_not_answer_is_told_while_there_is_time(monkeypatch, silent, knocks):
    cluster = Cluster(**silent)
    begun = monotonic()
    said = asked(cluster, monkeypatch)
    assert said is not None
    assert said.startswith(f"Kafka at {knocks[-1]}:9093 does not answer in PLAINTEXT within ")
    assert cluster.knocks == knocks
    assert monotonic() - begun >= ANSWER_S * 2


def test_one_that_turns_us_away_is_not_knocked_at_again(monkeypatch):
    cluster = Cluster(a=0)

    def refuses(host: str, port: int, **_options: Any) -> SimpleNamespace:
        async def connect() -> None:
            cluster.knocks.append(host)
            raise ConnectionResetError

        return SimpleNamespace(connect=connect, close=lambda: None)

    monkeypatch.setattr(reach, "AIOKafkaConnection", refuses)
    said = why_refused(settings_of("a"))
    assert said is not None
    assert "closes the connection" in said
    assert cluster.knocks == ["a"]
