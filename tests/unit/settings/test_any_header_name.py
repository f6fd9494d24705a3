"""Both clients read records whose header names are not UTF-8, and everything before and after them."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED
from aiokafka.structs import TopicPartition
from kafka.record import memory_records

from newswire.settings import Settings
from newswire.settings.clients import aiokafka_options, kafka_python_options
from newswire.settings.patient_fetches import Fetched, Records

NAMES = ("plain", "naïve 🚢", "\udcff\udcfe", "", "half \udce2\udc82")
"""As ``surrogateescape`` writes the bytes that are no UTF-8."""
READ_AS = ("plain", "naïve 🚢", r"\xff\xfe", "", r"half \xe2\x82")
PLACE = TopicPartition("t", 0)
CODECS = {"none": 0, "gzip": 1, "lz4": 3}


class Name(str):
    """A header name that encodes to the bytes it was read from."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        return super().encode(encoding, errors)


def batch(first: int, names: tuple[str, ...], codec: int, producer: int = -1) -> bytes:
    """Build one batch as a broker gives it, with a record for each name."""
    from kafka.record.default_records import DefaultRecordBatchBuilder as Builder

    built = Builder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=producer,
        producer_epoch=0,
        base_sequence=0,
        batch_size=1 << 20,
    )
    for number, name in enumerate(names):
        headers = [("before", b"1"), (Name(name), b"%d" % (first + number)), ("after", None)]
        built.append(
            number, timestamp=1000 + number, key=b"k", value=b"v%d" % (first + number), headers=headers
        )
    raw = bytearray(built.build())
    raw[:8] = first.to_bytes(8, "big")  # the broker's part; no checksum covers it
    return bytes(raw)


def aiokafka_reads(raw: bytes, fetch_offset: int = 0, isolation: int = READ_UNCOMMITTED) -> list[Any]:
    aiokafka_options(Settings())
    records = fetcher.MemoryRecords(raw)
    return list(fetcher.PartitionRecords(PLACE, records, [], fetch_offset, None, None, True, isolation))


def kafka_python_reads(raw: bytes) -> list[Any]:
    kafka_python_options(Settings())
    records = memory_records.MemoryRecords(raw)
    found = []
    while (each := records.next_batch()) is not None:
        assert each.validate_crc()
        found += list(each)
    return found


def seen(records: list[Any]) -> list[tuple[int, bytes, str]]:
    for record in records:
        (first, _), (_, number), (last, null) = record.headers
        assert (first, last, null) == ("before", "after", None)
        assert record.value.endswith(number)
    return [(record.offset, record.value, record.headers[1][0]) for record in records]


def expected(first: int, last: int, names: tuple[str, ...] = READ_AS) -> list[tuple[int, bytes, str]]:
    return [(n, b"v%d" % n, names[n % len(names)]) for n in range(first, last)]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("read", [aiokafka_reads, kafka_python_reads])
def test_any_header_name_is_read(read: Any, codec: int) -> None:
    raw = batch(0, NAMES, codec) + batch(5, NAMES, codec) + batch(10, NAMES[:2], codec)
    assert seen(read(raw)) == expected(0, 12)


@pytest.mark.parametrize("isolation", [READ_UNCOMMITTED, READ_COMMITTED])
@pytest.mark.parametrize("begin", range(10))
def test_a_fetch_within_a_batch_begins_where_it_was_asked_to(begin: int, isolation: int) -> None:
    # A broker answers with whole batches, of which the first holds the offset that was asked for.
    raw = (batch(0, NAMES, 3, producer=7) if begin < 5 else b"") + batch(5, NAMES, 0, producer=7)
    assert seen(aiokafka_reads(raw, begin, isolation)) == expected(begin, 10)


def test_a_batch_that_is_cut_off_is_left_for_the_next_fetch() -> None:
    whole = batch(0, NAMES, 0)
    assert seen(aiokafka_reads(whole + batch(5, NAMES, 0)[:-1])) == expected(0, 5)


def test_ordinary_records_are_left_to_compiled_code() -> None:
    aiokafka_options(Settings())
    assert (fetcher.MemoryRecords, fetcher.PartitionRecords) == (Fetched, Records)
    fetched = Fetched(batch(0, NAMES[:2], 3))
    records = Records(PLACE, fetched, [], 0, None, None, True, READ_UNCOMMITTED)
    assert seen(list(records)) == expected(0, 2)
    assert records._records is fetched
    assert type(Fetched(batch(0, NAMES[:2], 3)).next_batch()).__module__.startswith(
        "aiokafka.record._crecords"
    )


def test_what_else_is_no_utf_8_is_told() -> None:
    aiokafka_options(Settings())
    raw = batch(0, NAMES, 0)
    records = fetcher.PartitionRecords(
        PLACE, Fetched(raw), [], 0, None, lambda value: b"\xff".decode(), True, READ_UNCOMMITTED
    )
    with pytest.raises(UnicodeDecodeError):
        next(records)
