"""Unpacking: everything that unpacks comes out whole, and nothing comes out past a bound."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.decode import BadEncoding, Bomb, TooLarge, Unpacker
from connectors.web.limits import Limits

PACK = {
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "bare deflate": lambda data: zlib.compress(data, wbits=-15),
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstd.compress,
}
TEXT = b"".join(b"%d boats came in before the storm. " % number for number in range(5_000))
LIMITS = Limits()


def unpack(
    coding: str, packed: bytes, *, most: int = 1 << 20, step: int = 65_536, limits: Limits = LIMITS
) -> bytes:
    unpacker = Unpacker(coding.removeprefix("bare "), limits, most)
    for start in range(0, len(packed), step):
        unpacker.feed(packed[start : start + step])
    assert unpacker.wire_bytes == len(packed)
    return unpacker.finish()


@given(st.binary(max_size=2_000), st.lists(st.sampled_from(list(PACK)), max_size=3), st.integers(1, 2_000))
def test_whatever_was_packed_comes_out_in_pieces_of_any_size(data: bytes, codings: list[str], step: int):
    packed = data
    for coding in codings:
        packed = PACK[coding](packed)
    header = ", ".join(coding.removeprefix("bare ") for coding in codings)
    assert unpack(header, packed, step=step) == data


@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_garbage_is_bad_encoding_or_data(garbage: bytes, coding: str):
    with suppress(BadEncoding, Bomb):
        unpack(coding, garbage)


@pytest.mark.parametrize("coding", [coding for coding in PACK if coding != "identity"])
def test_an_end_in_the_middle_is_told(coding: str):
    packed = PACK[coding](TEXT)
    with pytest.raises(BadEncoding, match="middle"):
        unpack(coding, packed[: len(packed) // 2])


@pytest.mark.parametrize("coding", PACK)
def test_nothing_is_an_empty_body(coding: str):
    assert unpack(coding, b"") == b""


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_follow_one_another(coding: str):
    assert unpack(coding, PACK[coding](b"one ") + PACK[coding](b"two"), step=3) == b"one two"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize("padding", [b"\0", b"\0\0\0\0", b"\n", b"<!-- served in 3 ms -->"])
def test_what_follows_and_is_no_member_is_passed_over(coding: str, padding: bytes):
    for step in (1, 65_536):
        assert unpack(coding, PACK[coding](TEXT) + padding, step=step) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_without_number_are_a_bomb(coding: str):
    with pytest.raises(Bomb, match="members"):
        unpack(coding, PACK[coding](b"") * 2_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_past_the_ratio_is_a_bomb(coding: str):
    with pytest.raises(Bomb, match="200 times"):
        unpack(coding, PACK[coding](bytes(1 << 22)), most=1 << 30)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_little_may_be_packed_however_small(coding: str):
    assert unpack(coding, PACK[coding](bytes(LIMITS.ratio_from_bytes))) == bytes(LIMITS.ratio_from_bytes)


@pytest.mark.parametrize("coding", PACK)
def test_more_than_the_limit_is_too_large(coding: str):
    assert unpack(coding, PACK[coding](TEXT), most=len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        unpack(coding, PACK[coding](TEXT), most=len(TEXT) - 1)


def test_more_than_the_limit_on_the_wire_is_too_large():
    limits = Limits(wire_bytes=1_000)
    assert unpack("", bytes(1_000), limits=limits) == bytes(1_000)
    with pytest.raises(TooLarge, match="wire"):
        unpack("", bytes(1_001), limits=limits)


def test_layers_below_the_last_count_too():
    inner = gzip.compress(bytes(64 << 20), compresslevel=9)
    with pytest.raises(Bomb):
        unpack("gzip, gzip", gzip.compress(inner), most=1 << 30)


def test_layers_without_number_are_a_bomb():
    with pytest.raises(Bomb, match="on top"):
        Unpacker("gzip, gzip, gzip, gzip", LIMITS, 100)


def test_an_unknown_coding_is_bad():
    with pytest.raises(BadEncoding, match="unknown"):
        Unpacker("aes128gcm", LIMITS, 100)


def test_a_window_larger_than_receivers_must_have_is_bad():
    options = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    compressor = zstd.ZstdCompressor(options=options)
    packed = compressor.compress(TEXT * 400) + compressor.flush()
    with pytest.raises(BadEncoding):
        unpack("zstd", packed, most=1 << 30)


def test_what_is_cut_is_full():
    unpacker = Unpacker("gzip", LIMITS, 1_000, cut=True)
    unpacker.feed(gzip.compress(TEXT))
    assert unpacker.full
    assert unpacker.finish() == TEXT[:1_000]


def test_a_size_that_is_announced_is_judged_at_once():
    unpacker = Unpacker("", LIMITS, 1_000)
    unpacker.expect(None)
    unpacker.expect(LIMITS.wire_bytes)
    with pytest.raises(TooLarge, match="announced"):
        unpacker.expect(LIMITS.wire_bytes + 1)
