"""Confirming, folding, files, and what is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from schemas import Fingerprints, Sketch
from schemas.wire import encode
from streams.dedupe.dedupe import Dedupe, DedupeLimits, StoreError, UnjudgeableError
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose, time_of

LIMITS = DedupeLimits()
ROOT = Path(__file__).resolve().parents[3]


def articles(count: int):
    return [article(prose(60, seed=i), url=f"https://example.org/{i}") for i in range(count)]


def test_only_what_was_confirmed_is_known_after_a_restart(tmp_path: Path) -> None:
    one, two, three = articles(3)
    state = Dedupe(LIMITS, tmp_path)
    sightings = [state.judge(each, START) for each in (one, two, three)]
    state.reach(10)
    assert state.confirm(10)
    assert state.confirm(11)
    assert state.position == 12
    state.close()
    again = Dedupe(LIMITS, tmp_path)
    assert again.position == 12
    assert (again.entries, again.owners) == (2, 2)
    assert again.judge(one, START + 5) == sightings[0]
    assert again.judge(three, START + 5).verdict == "new"
    again.close()


@pytest.mark.parametrize("offset", [2, 0, -1], ids=["others between", "the topic went back", "unknown"])
def test_a_sighting_out_of_line_is_folded_next_time(tmp_path: Path, offset: int) -> None:
    one, two, three = articles(3)
    state = Dedupe(LIMITS, tmp_path)
    for each in (one, two, three):
        state.judge(each, START)
    assert state.confirm(0)
    assert not state.outrun
    assert not state.confirm(offset)
    assert state.outrun
    # Nor is what comes right behind it: what lies before it is still not known.
    assert not state.confirm(offset + 1)
    assert state.position == 1
    state.close()
    again = Dedupe(LIMITS, tmp_path)
    assert (again.position, again.entries) == (1, 1)
    again.close()


def test_nothing_to_confirm(dedupe: Dedupe) -> None:
    with pytest.raises(IndexError):
        dedupe.confirm(0)


def test_a_sighting_that_cannot_be_folded_is_set_aside() -> None:
    told: list[tuple[int, str]] = []
    state = Dedupe(LIMITS, None, on_set_aside=lambda offset, why: told.append((offset, why)))
    one, two = articles(2)
    other = Dedupe(LIMITS, None)
    good = other.judge(one, START)
    other.close()

    def changed(**fields: object) -> bytes:
        return encode(msgspec.structs.replace(good, item_id=two.item_id, **fields))

    prints = good.fingerprints
    bad = [
        b"",
        b"no json",
        b"{}",
        changed(standing=None),
        changed(judged_record_at="yesterday"),
        changed(observed_at="yesterday"),
        changed(judged_record_at=time_of(START + 3 * DAY)),
        changed(fingerprints=msgspec.structs.replace(prints, minhash=b"short")),
        changed(fingerprints=msgspec.structs.replace(prints, sketch=Sketch(shingles=b"odd"))),
        changed(standing=msgspec.structs.replace(good.standing, current_at="yesterday")),
    ]
    for offset, value in enumerate(bad):
        state.fold(value, offset, START)
    state.fold(encode(good), len(bad), START)
    assert state.set_aside == len(bad)
    assert [offset for offset, _ in told] == list(range(len(bad)))
    assert all(why for _, why in told)
    assert state.position == len(bad) + 1
    assert state.judge(one, START + 1) == good
    assert state.entries == 1
    state.close()


def test_a_sighting_of_an_older_version_folds() -> None:
    """Fixtures of every version there was are folded: none may be set aside."""
    fixtures = sorted((ROOT / "tests/contract/fixtures").glob("v*/sighting.*.json"))
    examples = sorted((ROOT / "schemas/examples").glob("sighting*.json"))
    assert fixtures
    assert examples
    told: list[tuple[int, str]] = []
    state = Dedupe(LIMITS, None, on_set_aside=lambda offset, why: told.append((offset, why)))
    old = [msgspec.json.decode(path.read_bytes())["value"].encode() for path in fixtures]
    for offset, value in enumerate([*old, *(path.read_bytes() for path in examples)]):
        state.fold(value, offset, START + 1000 * DAY)
    assert told == []
    state.close()


def test_files_made_under_other_limits_are_emptied(tmp_path: Path) -> None:
    state = Dedupe(LIMITS, tmp_path)
    state.judge(articles(1)[0], START)
    state.confirm(0)
    state.close()
    other = Dedupe(msgspec.structs.replace(LIMITS, near_ms=3 * DAY), tmp_path)
    assert (other.position, other.entries, other.owners) == (0, 0, 0)
    other.close()


def test_files_have_one_user(tmp_path: Path) -> None:
    state = Dedupe(LIMITS, tmp_path)
    with pytest.raises(StoreError, match="lock"):
        Dedupe(LIMITS, tmp_path)
    state.close()


def test_damaged_files_are_read_no_more(tmp_path: Path) -> None:
    state = Dedupe(LIMITS, tmp_path)
    many = articles(300)
    for offset, each in enumerate(many):
        state.judge(each, START)
        state.confirm(offset)
    state.close()
    for path in tmp_path.glob("*.sst"):
        data = bytearray(path.read_bytes())
        for i in range(0, len(data) // 2, 50):
            data[i] ^= 0xFF
        path.write_bytes(data)
    with pytest.raises(StoreError, match="Corruption"):
        Dedupe(LIMITS, tmp_path)
    fresh = Dedupe(LIMITS, tmp_path)
    assert (fresh.position, fresh.entries, fresh.owners) == (0, 0, 0)
    fresh.close()


def test_reset(tmp_path: Path) -> None:
    state = Dedupe(LIMITS, tmp_path)
    one = articles(1)[0]
    state.judge(one, START)
    state.confirm(7)
    state.reset()
    assert (state.position, state.entries, state.owners) == (0, 0, 0)
    assert state.judge(one, START).verdict == "new"
    assert state.confirm(0)
    state.close()


def test_a_damaged_article_changes_nothing(dedupe: Dedupe) -> None:
    one = articles(1)[0]
    for damaged in (
        msgspec.structs.replace(one, fetched_at="yesterday"),
        msgspec.structs.replace(one, fingerprints=msgspec.structs.replace(one.fingerprints, minhash=b"x")),
        msgspec.structs.replace(
            one, fingerprints=Fingerprints(words=40, exact="a", sketch=Sketch(shingles=b"odd"))
        ),
    ):
        with pytest.raises(UnjudgeableError):
            dedupe.judge(damaged, START + DAY)
    assert dedupe.judge(one, START).judged_record_at == time_of(START)
    dedupe.confirm(0)


def test_time_does_not_go_back(dedupe: Dedupe) -> None:
    one, two, three = articles(3)
    assert dedupe.judge(one, START + 500).judged_record_at == time_of(START + 500)
    assert dedupe.judge(two, START).judged_record_at == time_of(START + 500)
    assert dedupe.judge(three, START + 501).judged_record_at == time_of(START + 501)
    assert dedupe.judge(two, START).judged_record_at == time_of(START + 500)


def test_what_is_forgotten_is_deleted(tmp_path: Path) -> None:
    """The files hold no more than the window, however long they are used."""
    limits = DedupeLimits(identity_ms=DAY, near_ms=DAY // 2)
    state = Dedupe(limits, tmp_path)

    def keys() -> int:
        state.flush()
        return sum(1 for _ in state._store._db.items())

    for number in range(400):
        state.judge(article(prose(40, seed=number), url=f"https://example.org/{number}"), START + number)
        state.confirm(number)
    full = keys()
    for number in range(400, 800):
        at = START + number + 2 * DAY
        state.judge(article(prose(40, seed=number), url=f"https://example.org/{number}", at=at), at)
        state.confirm(number)
    assert keys() <= full + 2
    assert state.entries == 400
    assert state.owners == 400
    state.close()


@pytest.mark.parametrize(
    "wrong", [{"identity_ms": 0}, {"max_near": 0}, {"jaccard": 0.0}, {"jaccard": 1.5}, {"near_ms": 31 * DAY}]
)
def test_limits_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        DedupeLimits(**wrong)
