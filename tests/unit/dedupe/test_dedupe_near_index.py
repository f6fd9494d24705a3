"""The near index against one that looks at everything."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from streams.dedupe import near_index
from streams.dedupe.near_index import BANDS, ROW, Found, NearIndex, tags_of


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def expected(all_tags: dict[int, Any], index: NearIndex, tags: Any) -> list[int]:
    """Everything between tail and head with a band in common, most bands first, of equals the oldest."""
    common = {n: int((all_tags[n] == tags).sum()) for n in range(index.tail + 1, index.head + 1)}
    return sorted((n for n, bands in common.items() if bands), key=lambda n: (-common[n], n))


@pytest.mark.parametrize("seed", range(6))
def test_finds_what_a_full_scan_finds(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(near_index, "_LEAST", 8)
    monkeypatch.setattr(near_index, "_LINKED_AT_ONCE", 16)
    monkeypatch.setattr(near_index, "MOST_CANDIDATES", 10_000)
    monkeypatch.setattr(near_index, "MOST_IN_BAND", 10_000)
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    index, all_tags, rows = NearIndex(), {}, [b""]
    ahead: list[tuple[Any, Found]] = []
    bands = numbers.integers(0, 2**32, (20, BANDS), dtype=np.uint32)
    for _ in range(600):
        tags = bands[numbers.integers(0, 20, BANDS), np.arange(BANDS)].copy()
        fresh = numbers.random(BANDS) < 0.95
        tags[fresh] = numbers.integers(0, 2**32, int(fresh.sum()), dtype=np.uint32)
        rows.append(
            index.add(tags.tobytes(), key(index.head + 1), size=index.head + 5, queued_ms=index.head + 9)
        )
        all_tags[index.head] = tags
        if len(index) > 100 or draw.random() < 0.2:
            index.tail += draw.randint(0, min(len(index), 3))
        if draw.random() < 0.05:
            kept = np.frombuffer(b"".join(rows[index.tail + 1 :]), dtype=ROW)
            index = NearIndex(kept, index.tail)
        if draw.random() < 0.1:
            some = bands[numbers.integers(0, 20, (draw.randint(1, 9), BANDS)), np.arange(BANDS)]
            ahead = list(zip(some, index.look_up(some), strict=True))
        if draw.random() < 0.3:
            for asked, before in ahead:
                assert [c.number for c in index.candidates(asked, before)] == expected(all_tags, index, asked)
        if draw.random() < 0.5:
            found = index.candidates(tags)
            assert [c.number for c in found] == expected(all_tags, index, tags)
            assert all(c.key == key(c.number) and c.size == c.number + 4 for c in found)
            if len(index):
                assert index.oldest_queued_ms() == index.tail + 9
                oldest_key, oldest_tags = index.oldest()
                assert oldest_key == key(index.tail + 1)
                assert oldest_tags == all_tags[index.tail + 1].tobytes()


def test_numbers_begin_again_before_they_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_index, "_MOST_LOCAL", 50)
    index = NearIndex()
    tags = tags_of([bytes(512)])[0]
    for _ in range(500):
        index.add(tags.tobytes(), key(index.head + 1), 1, 1)
        index.tail = max(0, index.head - 7)
        assert {c.number for c in index.candidates(tags)} == set(range(index.tail + 1, index.head + 1))


def test_rows_are_kept_as_they_are_given_back() -> None:
    index = NearIndex()
    signatures = [random.Random(i).randbytes(512) for i in range(50)]
    kept = b"".join(index.add(tags.tobytes(), key(i), i, i) for i, tags in enumerate(tags_of(signatures)))
    again = NearIndex(np.frombuffer(kept, dtype=ROW), 0)
    for tags in tags_of(signatures):
        assert again.candidates(tags) == index.candidates(tags)


def test_of_a_crowd_the_newest_are_looked_at() -> None:
    """However many texts share a band, a look-up stays cheap; those with most in common come first."""
    index = NearIndex()
    tags = tags_of([bytes(512)])[0]
    for i in range(5000):
        other = np.arange(BANDS, dtype=np.uint32) + np.uint32(i * BANDS + 7)
        other[0] = tags[0]
        index.add(other.tobytes(), key(i), 1, 1)
    index.add(tags.tobytes(), key(5000), 1, 1)
    for i in range(5001, 5010):
        other = np.arange(BANDS, dtype=np.uint32) + np.uint32(i * BANDS + 7)
        other[0] = tags[0]
        index.add(other.tobytes(), key(i), 1, 1)
    found = [c.number for c in index.candidates(tags)]
    newest = range(index.head - near_index.MOST_IN_BAND + 1, index.head + 1)
    assert found == [5001, *(n for n in newest if n != 5001)]


def test_a_crowd_that_grows_after_the_look_up() -> None:
    """What came since counts among the newest of a band."""
    index = NearIndex()
    tags = tags_of([bytes(512)])[0]

    def crowd(first: int, count: int) -> None:
        for i in range(first, first + count):
            other = np.arange(BANDS, dtype=np.uint32) + np.uint32(i * BANDS + 7)
            other[0] = tags[0]
            index.add(other.tobytes(), key(i), 1, 1)

    crowd(0, 300)
    before = index.look_up(np.stack((tags, tags + np.uint32(1))))
    for added in (0, 1, 30, 64, 100):
        crowd(index.head, added)
        assert index.candidates(tags, before[0]) == index.candidates(tags)
        assert index.candidates(tags + np.uint32(1), before[1]) == []
    index.tail = index.head - 20
    assert index.candidates(tags, before[0]) == index.candidates(tags)
    assert len(index.candidates(tags)) == 20


def test_bands_are_found_as_often_as_theory_says() -> None:
    """Of pairs with Jaccard 0.7, and so MinHash values alike with that probability, 99.985 % are found."""
    numbers = np.random.default_rng(1)
    count = 2000
    one = numbers.integers(0, 2**32, (count, 128), dtype=np.uint32)
    other = np.where(numbers.random((count, 128)) < 0.7, one, numbers.integers(0, 2**32, (count, 128)))
    index = NearIndex()
    for i, tags in enumerate(tags_of([row.tobytes() for row in one])):
        index.add(tags.tobytes(), key(i), 1, 1)
    queries = tags_of([row.astype("<u4").tobytes() for row in other])
    found = sum(i + 1 in {c.number for c in index.candidates(tags)} for i, tags in enumerate(queries))
    assert found >= count * 0.998


def test_memory_of_an_entry() -> None:
    index = NearIndex()
    tags = tags_of([bytes(512)])[0]
    for i in range(20_000):
        tags += np.uint32(1)
        index.add(tags.tobytes(), key(i), 1, 1)
        if i > 2000:
            assert index.nbytes <= 700 * len(index)


def test_memory_in_use_grows_with_the_entries_up_to_that_of_the_arrays() -> None:
    index = NearIndex()
    tags = np.zeros(BANDS, dtype=np.uint32).tobytes()
    tables = index.bytes_in_use
    assert 0 < tables < index.nbytes
    for number in range(200):
        index.add(tags, key(number), size=1, queued_ms=1)
    index.link()
    assert index.bytes_in_use == tables + 200 * 284
    for number in range(200, 20_000):
        index.add(tags, key(number), size=1, queued_ms=1)
        index.tail = max(0, index.head - 500)
    index.link()
    assert index.bytes_in_use == index.nbytes
