from __future__ import annotations

import pytest

from connectors.framework.errors import (
    ConfigError,
    ConnectorError,
    Fatal,
    Gone,
    RateLimited,
    Retriable,
    Skippable,
    error_for_status,
)


@pytest.mark.parametrize("status", [100, 200, 206, 301, 304, 308, 399])
def test_a_status_that_is_no_error(status):
    assert error_for_status(status, "https://example.org/") is None


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, Skippable, "refused"),
        (401, Skippable, "blocked"),
        (403, Skippable, "blocked"),
        (404, Retriable, "not_found"),
        (407, Fatal, "proxy_authentication"),
        (408, Retriable, "timeout"),
        (410, Gone, "gone"),
        (418, Skippable, "refused"),
        (451, Skippable, "blocked"),
        (500, Retriable, "server_error"),
        (502, Retriable, "server_error"),
        (599, Retriable, "server_error"),
    ],
)
def test_what_a_status_asks_of_the_runner(status, kind, reason):
    error = error_for_status(status, "https://example.org/feed")
    assert type(error) is kind
    assert error.reason == reason
    assert error.message == f"https://example.org/feed answered {status}"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_and_without_it_the_runner_paces_itself(status):
    asked = error_for_status(status, "the feed", retry_after=120.0)
    assert isinstance(asked, RateLimited)
    assert asked.retry_after == 120.0
    assert type(error_for_status(status, "the feed")) is Retriable


def test_the_message_is_for_users_and_the_detail_is_apart():
    error = Fatal("Kafka does not answer", reason="no_broker", detail="KafkaTimeoutError(...)")
    assert str(error) == error.message == "Kafka does not answer"
    assert (error.reason, error.detail) == ("no_broker", "KafkaTimeoutError(...)")


@pytest.mark.parametrize("kind", [ConfigError, Retriable, Gone, Skippable, Fatal])
def test_every_error_has_a_reason_of_its_own(kind):
    assert issubclass(kind, ConnectorError)
    assert kind("message").reason == kind.default_reason != ConnectorError.default_reason
