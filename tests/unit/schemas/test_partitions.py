"""Our murmur2 beside the one of Kafka's Python clients."""

from __future__ import annotations

import aiokafka.partitioner
import kafka.partitioner.default
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.partitions import murmur2


@given(st.binary(max_size=70))
@example(b"")
@example(bytes([255] * 33))
@example(b"3f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21")
def test_the_same_as_the_clients(data: bytes) -> None:
    assert murmur2(data) == aiokafka.partitioner.murmur2(data) == kafka.partitioner.default.murmur2(data)
