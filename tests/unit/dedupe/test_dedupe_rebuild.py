"""Whatever is killed, rebuilt, written twice or deleted behind the window: every item has one sighting."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import Article
from streams.dedupe.dedupe import DedupeLimits
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose
from tests.unit.dedupe.rebuild_parts import Shown, Topic, Worker, reference, run

HOUR = DAY // 24
BASE = [prose(60, seed=i) for i in range(4)]
CONTENTS = [
    *BASE,
    *(text.replace(text.split()[30], "mended") for text in BASE),
    *(text.replace(text.split()[30], "57") for text in BASE),
    *(" ".join(text.split()[:50]) for text in BASE),
    prose(12, seed="short"),
    prose(15, seed="short too"),
]
LIMITS = DedupeLimits(identity_ms=10 * DAY, near_ms=3 * DAY)

shown = st.fixed_dictionaries(
    {
        "content": st.sampled_from(CONTENTS),
        "url": st.sampled_from([f"https://example.org/{i}" for i in range(4)]),
        "link": st.sampled_from([None, None, *(f"https://example.org/link/{i}" for i in range(3))]),
        "title": st.sampled_from(["A title", "A title", "Another"]),
        "source": st.sampled_from(["one", "two"]),
        "basis": st.sampled_from(["page", "page", "feed_summary"]),
        "extractor": st.sampled_from(["trafilatura/1", "trafilatura/1", "trafilatura/2", "feed/1"]),
        "raw": st.sampled_from([None, None, "a body"]),
        "form": st.sampled_from(["article", "article", "live_blog"]),
        "gone": st.sampled_from([False] * 9 + [True]),
        "after": st.sampled_from([0, 0, 1, HOUR, HOUR, 12 * HOUR]),
        "fetched_before": st.sampled_from([0, 0, 1, HOUR, DAY]),
    }
)
again = st.integers(1, 5)
"""The same item once more, in a record of its own."""
jump = st.sampled_from([2 * DAY, 4 * DAY, 11 * DAY])
"""A time in which nothing comes."""


def stream_of(drawn: list[object]) -> tuple[list[Shown], frozenset[int]]:
    """Make the records of the input topic, and the numbers of those before which it is calm."""
    at, inputs, calm = START, list[Shown](), set[int]()
    for one in drawn:
        if isinstance(one, dict):
            at += one["after"]
            inputs.append(Shown(article_of(one, at), at))
        elif one in range(1, 6):
            if len(inputs) >= one:
                inputs.append(Shown(inputs[-one].article, at))
        else:
            at += one
            calm.add(len(inputs))
    return inputs, frozenset(calm)


def article_of(one: dict, at: int) -> Article:
    gone = one["gone"]
    return article(
        "" if gone else one["content"],
        url=one["url"],
        link=one["link"],
        title=None if gone else one["title"],
        at=at - one["fetched_before"],
        source=one["source"],
        basis=one["basis"],
        extractor=one["extractor"],
        raw=one["raw"],
        form=one["form"],
        gone=gone,
    )


def check(limits: DedupeLimits, drawn: list[object], seed: int, *, keep: bool, kills: int = 6) -> None:
    inputs, calm = stream_of(drawn)
    expected = reference(limits, inputs)
    with tempfile.TemporaryDirectory() as scratch:
        topic = run(limits, inputs, random.Random(seed), Path(scratch), kills=kills, keep=keep, calm=calm)
    assert {left.number for left in topic.records} == set(range(len(inputs)))
    for left in topic.records:
        assert left.value.decode() == expected[left.number].decode(), inputs[left.number]


def test_a_worker_that_was_frozen_learns_what_its_successor_judged(tmp_path: Path) -> None:
    """What it sent too late lies behind what it does not know: its files must not say that they reach so far."""
    inputs = [Shown(article(BASE[0] + str(n), url=f"https://example.org/{n}"), START + n) for n in range(6)]
    # The same words as those that the successor judged first.
    inputs.append(Shown(article(BASE[0] + "4", url="https://example.org/copy"), START + 6))
    expected, topic = reference(LIMITS, inputs), Topic()
    frozen = Worker(LIMITS, tmp_path / "0", topic, 0)
    for _ in range(3):
        frozen.judge(inputs)
    frozen.send()
    successor = Worker(LIMITS, tmp_path / "1", topic, 1)
    for _ in range(5):
        successor.judge(inputs)
        successor.send()
    while frozen.waiting:
        frozen.send()
    frozen.state.close()
    # Its sightings lie between the successor's, which is not the only one to write, either.
    again = Worker(LIMITS, tmp_path / "0", topic, 6)
    again.judge(inputs)
    assert again.waiting[-1].value == expected[6]
    again.state.close()
    successor.judge(inputs)
    successor.send()
    assert successor.state.outrun
    successor.state.close()
    assert all(left.value == expected[left.number] for left in topic.records)


streams = st.lists(st.one_of([shown] * 8 + [again, jump]), min_size=5, max_size=60)
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
thorough = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
BOUNDED = DedupeLimits(identity_ms=10 * DAY, near_ms=3 * DAY, max_identities=16, max_near=3)


@pytest.mark.parametrize("limits", [LIMITS, BOUNDED], ids=["windows", "bounds"])
@pytest.mark.parametrize("keep", [False, True], ids=["from nothing", "files kept"])
@pytest.mark.timeout(600)
@quick
@given(drawn=streams, seed=st.integers(0, 2**32))
def test_rebuilt(limits: DedupeLimits, drawn: list[object], seed: int, keep: bool) -> None:
    check(limits, drawn, seed, keep=keep)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("limits", [LIMITS, BOUNDED], ids=["windows", "bounds"])
@pytest.mark.parametrize("keep", [False, True], ids=["from nothing", "files kept"])
@thorough
@given(drawn=streams, seed=st.integers(0, 2**32))
def test_rebuilt_thoroughly(limits: DedupeLimits, drawn: list[object], seed: int, keep: bool) -> None:
    check(limits, drawn, seed, keep=keep)
