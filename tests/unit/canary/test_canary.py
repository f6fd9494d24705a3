"""A canary: what it is, that its claim is found in it, and who looks for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from newswire.canary.article import CLAIM, SOURCE_ID, article_of, canary, is_known_claim
from newswire.canary.run import MOST_AWAITED, Canaries
from newswire.pipe.run import enrich_items
from newswire.settings import load_settings
from newswire.telemetry import metrics
from newswire.telemetry.metrics import REGISTRY
from schemas.enriched import EnrichedArticle
from schemas.topics import CLAIMS
from schemas.wire import WireRecord
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from streams.normalize.normalize import normalize
from tests.support.ledger import Case, laid
from tests.unit.dedupe.dedupe_parts import START

MOMENTS = [f"2026-11-24T09:30:{second:02}.000000Z" for second in range(60)]
SEEN = "newswire_canary_last_seen_timestamp_seconds"


@pytest.mark.parametrize("model", ["fake", "english"])
async def test_every_model_finds_the_known_claim_and_no_other(model: str) -> None:
    item = canary(MOMENTS[0])
    (event,) = await enrich_items([item], load_settings({"enrich_model": model}, environ={}))
    assert isinstance(event, EnrichedArticle)
    (claim,) = event.claims
    assert is_known_claim(claim)
    assert claim.article_id == article_of(item)
    assert event.synthetic
    assert all(entity.synthetic for entity in event.entities)


def test_each_is_new_and_none_a_copy_of_anything() -> None:
    state = Dedupe(DedupeLimits(), None)
    for number, moment in enumerate(MOMENTS):
        article = normalize(canary(moment))
        assert not isinstance(article, str)
        sighting = state.judge(article, START + number)  # type: ignore[arg-type]
        assert (sighting.verdict, sighting.enrich, sighting.synthetic) == ("new", True, True)
        assert sighting.relations == []
    assert state.owners == 0, "nothing of a canary is in the near index"
    state.close()


def test_a_long_canary_owns_no_words_either() -> None:
    article = normalize(Case("long", text="A sentence of eight words, as it seems. " * 20).item())
    canary_ = normalize(
        msgspec.structs.replace(
            Case("long", text="A sentence of eight words, as it seems. " * 20).item(), synthetic=True
        )
    )
    assert article.fingerprints.exact is not None  # type: ignore[union-attr]
    assert canary_.fingerprints == type(article.fingerprints)(words=160)  # type: ignore[union-attr]


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Producer:
    """Takes what it is given, or nothing."""

    def __init__(self) -> None:
        self.records: list[Any] = []

    def send(self, topic: str, value: bytes, key: bytes, headers: Any) -> Producer:
        self.records.append((topic, msgspec.json.decode(value)))
        return self

    def add_callback(self, call: Any) -> None:
        call(None)

    def add_errback(self, call: Any) -> None:
        pass


def value(name: str) -> float:
    found = REGISTRY.get_sample_value(name)
    assert found is not None
    return found


@pytest.fixture
def time_() -> Time:
    return Time()


@pytest.fixture
def canaries(time_: Time) -> Iterator[Canaries]:
    metrics.CANARY_SEEN.set(0)
    yield Canaries(load_settings(environ={}), lambda: False, time_)
    metrics.CANARY_SEEN.set(0)


def claim_record(article_id: str, *, text: str = CLAIM, synthetic: bool = True) -> WireRecord:
    case = Case("a")
    claim = case.claim()
    content = [msgspec.structs.replace(claim.content[0], exact=text)]
    changed = msgspec.structs.replace(claim, article_id=article_id, synthetic=synthetic, content=content)
    return WireRecord(topic=CLAIMS.name, key=article_id.encode(), value=msgspec.json.encode(changed))


def test_a_canary_is_seen_by_its_claim_once(canaries: Canaries, time_: Time) -> None:
    producer = Producer()
    sent, count, took = (
        value(name)
        for name in (
            "newswire_canaries_sent_total",
            "newswire_canary_latency_seconds_count",
            "newswire_canary_latency_seconds_sum",
        )
    )
    canaries.send(producer)
    ((topic, item),) = producer.records
    assert (topic, item["source_id"], item["synthetic"]) == ("news.raw.v1", SOURCE_ID, True)
    assert value("newswire_canaries_sent_total") == sent + 1
    article_id = article_of(canary(item["fetched_at"]))
    for other in (
        claim_record(article_id, text="Something else"),
        claim_record(article_id, synthetic=False),
        claim_record(Case("b").article_id),
        WireRecord(topic=CLAIMS.name, key=b"k", value=b"{"),
    ):
        canaries.look(laid([other])[0])
    assert value(SEEN) == 0
    time_.now += 2.5
    (seen,) = laid([claim_record(article_id)])
    canaries.look(seen)
    assert value(SEEN) > 0
    canaries.look(seen)
    assert value("newswire_canary_latency_seconds_count") == count + 1
    assert value("newswire_canary_latency_seconds_sum") == took + 2.5


def test_what_never_comes_out_is_given_up(canaries: Canaries) -> None:
    producer = Producer()
    for _ in range(MOST_AWAITED + 3):
        canaries.send(producer)
    moments = [item["fetched_at"] for _topic, item in producer.records]
    assert all(before < after for before, after in itertools.pairwise(moments)), "no two are one item"
    first, kept = (laid([claim_record(article_of(canary(moments[n])))])[0] for n in (2, 3))
    canaries.look(first)
    assert value(SEEN) == 0
    canaries.look(kept)
    assert value(SEEN) > 0
