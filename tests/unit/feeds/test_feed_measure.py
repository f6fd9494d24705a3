"""How sources do, as metrics: by health and reason, and since when."""

from __future__ import annotations

import pytest

from connectors.feeds.agenda import Held
from connectors.feeds.health import Standing
from connectors.feeds.measure import Measures
from newswire.telemetry.metrics import REGISTRY

NOW = 1_795_000_000.0


def count(health: str, reason: str = "") -> float:
    return REGISTRY.get_sample_value("newswire_feed_sources", {"health": health, "reason": reason}) or 0.0


def since(health: str) -> float | None:
    return REGISTRY.get_sample_value("newswire_feed_sources_since_timestamp_seconds", {"health": health})


def test_sources_are_counted_by_how_they_do_and_why_and_since_when():
    measures = Measures()
    first, second = Held("a", b"", b""), Held("b", b"", b"")
    for held in (first, second):
        measures.came(held)
    assert count("unknown") == 2
    measures.stands(first, Standing(status="ok", since=NOW))
    measures.stands(second, Standing(status="ok", since=NOW + 100))
    assert (count("unknown"), count("ok"), since("ok")) == (0, 2, NOW + 50)
    measures.stands(second, Standing(status="blocked", reason="403: Forbidden", since=NOW + 200))
    assert (count("ok"), since("ok")) == (1, NOW)
    assert (count("blocked", "403"), since("blocked")) == (1, NOW + 200)
    measures.stands(second, Standing(status="blocked", reason="robots", since=NOW + 200))
    assert (count("blocked", "403"), count("blocked", "robots"), since("blocked")) == (0, 1, NOW + 200)
    measures.went(second)
    assert (count("blocked", "robots"), since("blocked")) == (0, 0)
    measures.over()
    assert (count("ok"), since("ok")) == (0, 0)


@pytest.mark.parametrize(
    ("standing", "labels"),
    [
        (Standing(status="failing", reason="503: Service Unavailable"), ("failing", "5xx")),
        (Standing(status="failing", reason="404"), ("failing", "404")),
        (Standing(status="stale", reason="nothing new for 15 days"), ("stale", "nothing_new")),
        (Standing(status="blocked", reason="blocked: bot_check by Cloudflare"), ("blocked", "blocked")),
        (Standing(status="dimmed", reason="Whatever an older version said"), ("dimmed", "other")),
        (Standing(status="serene", reason=None), ("unknown", "")),  # type: ignore[arg-type]
    ],
)
def test_labels_have_few_values(standing: Standing, labels: tuple[str, str]):
    measures, held = Measures(), Held("a", b"", b"")
    measures.came(held)
    measures.stands(held, standing)
    assert held.health == labels
    assert count(*labels) == 1
    measures.over()
