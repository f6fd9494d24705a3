"""Every span of every claim and entity is what the stored text has there: over whole corpora, with the model in use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire.settings import Settings
from streams.enrich.enricher import Enricher
from tests.support.require import require_shared
from tests.unit.enrich.enrich_parts import assert_true, unique

pytestmark = [pytest.mark.slow, pytest.mark.shared, pytest.mark.timeout(3600)]

BATCH = 16


@pytest.fixture(scope="module")
def enricher() -> Enricher:
    return Enricher.load(Settings.model_fields["enrich_model"].default)


def polnear(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "dev" / "text").glob("*.txt")):
        yield path.read_bytes().decode("utf-8")


def reuters(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("reuters-*.json")):
        for record in json.loads(path.read_bytes()):
            yield record.get("body") or ""


@pytest.mark.parametrize(("corpus", "texts"), [("polnear", polnear), ("reuters21578", reuters)])
def test_spans_of_real_news_are_true(enricher: Enricher, corpus: str, texts) -> None:
    given = list(texts(require_shared(corpus)))
    claims = entities = 0
    for first in range(0, len(given), BATCH):
        batch = [unique(text, number=first + n) for n, text in enumerate(given[first : first + BATCH])]
        for event in enricher.enrich(batch, [1] * len(batch)):
            assert event.analysis.claims == "done"
            assert_true(event)
            claims += len(event.claims)
            entities += len(event.entities)
    # Most texts say something of somebody.
    assert claims > len(given)
    assert entities > 2 * len(given)
