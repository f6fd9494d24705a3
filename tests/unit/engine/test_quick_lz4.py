"""Batches are compressed with LZ4's fast level."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from aiokafka.codec import lz4_encode
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from newswire.settings import Settings
from streams.engine.outputs import KafkaOutputs
from streams.engine.quick_lz4 import LEVEL, use_quick_lz4

TEXT = b" ".join(b"word%d is %x" % (n % 997, n * n * 2654435761 % 65521) for n in range(5000))
HEADER_BYTES = 61
"""Of a batch of Kafka's second format; what follows is compressed."""


@pytest.fixture(autouse=True)
def stock_level() -> Iterator[None]:
    before = lz4_encode.__defaults__
    lz4_encode.__defaults__ = (9,)
    yield
    lz4_encode.__defaults__ = before


def built() -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=DefaultRecordBatch.CODEC_LZ4,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=2 * len(TEXT),
    )
    builder.append(offset=0, timestamp=1, key=None, value=TEXT, headers=[])
    return bytes(builder.build())


def test_the_level_is_the_only_default_of_what_aiokafka_calls() -> None:
    defaults = {
        name: each.default
        for name, each in inspect.signature(lz4_encode).parameters.items()
        if each.default is not inspect.Parameter.empty
    }
    assert defaults == {"level": 9}


def test_batches_are_larger_than_at_the_slow_level_and_read_back() -> None:
    slow = built()
    use_quick_lz4()
    quick = built()
    assert len(quick) > len(slow)
    assert len(quick) - HEADER_BYTES < len(TEXT)
    (record,) = DefaultRecordBatch(quick)
    assert record.value == TEXT


def test_outputs_use_it() -> None:
    KafkaOutputs(Settings(), "normalize")
    assert lz4_encode.__defaults__ == (LEVEL,)
