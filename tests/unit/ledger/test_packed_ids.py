"""The packed table behaves as a dict does."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.ledger.packed import PackedIds, digest32, digest64, packed, unpacked

SIXTEEN = st.binary(min_size=16, max_size=16)


@given(st.lists(SIXTEEN | st.sampled_from([b"\0" * 16, b"\1" * 16])))
def test_rows_are_those_of_a_dict(keys: list[bytes]) -> None:
    table, model = PackedIds(), dict[bytes, int]()
    for key in keys:
        assert table.find(key) == model.get(key, -1)
        assert table.add(key) == model.setdefault(key, len(model))
    assert len(table) == len(model)
    assert [table[row] for row in range(len(table))] == list(model)
    assert all(key in table for key in model)


def test_it_grows_and_forgets_nothing() -> None:
    table = PackedIds()
    keys = [number.to_bytes(16, "little") for number in range(20_000)]
    assert [table.add(key) for key in keys] == list(range(20_000))
    assert [table.find(key) for key in keys] == list(range(20_000))
    assert table.find(b"?" * 16) == -1
    with pytest.raises(IndexError):
        table[20_000]


@given(st.uuids())
def test_a_uuid_is_its_bytes(value: uuid.UUID) -> None:
    assert packed(str(value)) == value.bytes
    assert unpacked(value.bytes) == str(value)


@given(st.text(max_size=40))
def test_any_text_has_sixteen_bytes(text: str) -> None:
    assert len(packed(text)) == 16


def test_other_ways_to_write_a_uuid_are_other_ids() -> None:
    written = "5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21"
    others = [written.upper(), written.replace("-", ""), "5f0c3c0e6d7b-5b0e-9c57--6f1a2f1f4b21", "\ud800"]
    assert len({packed(written), *map(packed, others)}) == 5


def test_digests_have_their_widths() -> None:
    assert 0 <= digest32(b"x") < 2**32
    assert 0 <= digest64(b"x") < 2**64
    assert digest64(b"x") != digest64(b"y")
