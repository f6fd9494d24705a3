"""Bodies that unpack to a gibibyte: refused, in little memory and before much of them is unpacked."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import struct
import sys
import zlib
from functools import cache
from pathlib import Path

import brotli
import pytest
from backports import zstd

from tests.support.web import Exchange, serving

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
PEAK = 150 * MIB
"""Of all that the process ever had, itself included."""
SECONDS = 2.0
"""Of CPU, for one body: others' work on the same machine counts not."""


SIZE = 1 << 30


def deflated(block: bytes = bytes(MIB)) -> bytes:
    """Return a raw deflate stream of *block* again and again: blocks that refer to nothing before them can
    be packed once and repeated.
    """
    compressor = zlib.compressobj(9, wbits=-15)
    packed = compressor.compress(block) + compressor.flush(zlib.Z_FULL_FLUSH)
    return packed * (SIZE // len(block)) + compressor.flush()


@cache
def gzipped() -> bytes:
    check = 0
    for _ in range(SIZE // MIB):
        check = zlib.crc32(bytes(MIB), check)
    return gzip.compress(b"")[:10] + deflated() + struct.pack("<LL", check, SIZE)


@cache
def zlibbed() -> bytes:
    check = 1
    for _ in range(SIZE // MIB):
        check = zlib.adler32(bytes(MIB), check)
    return b"\x78\xda" + deflated() + struct.pack(">L", check)


@cache
def brotlied() -> bytes:
    compressor = brotli.Compressor(quality=5)
    return b"".join([*(compressor.process(bytes(MIB)) for _ in range(SIZE // MIB)), compressor.finish()])


@cache
def zstandard(window_log: int = 0) -> bytes:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: window_log})
    return b"".join([*(compressor.compress(bytes(MIB)) for _ in range(SIZE // MIB)), compressor.flush()])


@cache
def below_the_ratio() -> bytes:
    """Some 140 bytes for each one on the wire: only the size gives it away."""
    stream = deflated(os.urandom(1_000) + bytes(180_000))
    return b"\x78\xda" + stream + bytes(4)


BOMBS = {
    "gzip": ("gzip", gzipped, "bomb"),
    "deflate": ("deflate", zlibbed, "bomb"),
    "bare deflate": ("deflate", deflated, "bomb"),
    "br": ("br", brotlied, "bomb"),
    "zstd": ("zstd", zstandard, "bomb"),
    "members": ("gzip", lambda: gzip.compress(bytes(MIB)) * 1024, "bomb"),
    "empty members": ("gzip", lambda: gzip.compress(b"") * 400_000, "bomb"),
    "frames": ("zstd", lambda: zstd.compress(bytes(MIB)) * 1024, "bomb"),
    "gzip in gzip": ("gzip, gzip", lambda: gzip.compress(gzipped()), "bomb"),
    "gzip in br": ("gzip, br", lambda: brotli.compress(gzipped()), "bomb"),
    "br in zstd": ("br, zstd", lambda: zstd.compress(brotlied()), "bomb"),
    "zstd in br in gzip": ("zstd, br, gzip", lambda: gzip.compress(brotli.compress(zstandard())), "bomb"),
    "four layers": ("gzip, gzip, gzip, gzip", lambda: gzip.compress(gzipped()), "bomb"),
    "below the ratio": ("deflate", below_the_ratio, "too_large"),
    "wide window": ("zstd", lambda: zstandard(27), "bad_response"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["page", "feed", "robots"])
async def test_bombs_are_refused_in_little_memory(kind: str, capsys: pytest.CaptureFixture[str]):
    bodies = {f"/{number}": (encoding, make()) for number, (encoding, make, _) in enumerate(BOMBS.values())}

    async def handle(exchange: Exchange) -> None:
        if exchange.path == "/warm":
            await exchange.answer(gzip.compress(b"a page"), headers={"Content-Encoding": "gzip"})
            return
        encoding, body = bodies[exchange.path]
        await exchange.answer(body, headers={"Content-Encoding": encoding})

    async with serving(handle) as site:
        urls = [site.url("/warm"), *map(site.url, bodies)]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.web_child",
            kind,
            *urls,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await child.communicate()
    warm, *costs = map(json.loads, out.splitlines())
    assert warm["result"] == "ok"
    results = {name: cost["result"] for name, cost in zip(BOMBS, costs, strict=True)}
    if kind == "robots":  # of which the first 500 KiB are read, and nothing more
        assert set(results.values()) <= {"ok", "bomb", "bad_response"}
    else:
        assert results == {name: result for name, (_, _, result) in BOMBS.items()}
    growth = sum(cost["growth"] for cost in costs)
    peak = max(cost["peak"] for cost in costs)
    with capsys.disabled():
        slowest = max(costs, key=lambda cost: float(cost["seconds"]))
        print(
            f"\n{kind}: peak {peak / MIB:.0f} MiB, {growth / MIB:.0f} of it for the bombs; "
            f"the slowest took {slowest['seconds']:.2f} s of CPU"
        )
    assert peak < PEAK
    assert {name: c["seconds"] for name, c in zip(BOMBS, costs, strict=True) if c["seconds"] > SECONDS} == {}


def test_the_bombs_are_what_they_say():
    """What a careless reader would get of them is a gibibyte."""
    for body, decoder in ((gzipped(), zlib.decompressobj(31)), (zlibbed(), zlib.decompressobj())):
        size = len(decoder.decompress(body, MIB))
        while not decoder.eof:
            size += len(decoder.decompress(decoder.unconsumed_tail, MIB))
        assert size == SIZE
