from __future__ import annotations

import aiokafka.partitioner
import kafka.partitioner
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.framework.sink import Sink, SinkOptions
from connectors.sharing.definitions import WrongSource, define, definition_record, removal_record, source_url
from connectors.sharing.places import route_of
from schemas import ids
from schemas.limits import URL_CHARS
from schemas.partitions import partition_of
from schemas.source import SourceDefinition
from schemas.topics import SOURCES
from schemas.wire import decode
from tests.support.fake_producer import FakeProducer

NOW = "2026-11-24T08:00:00.000000Z"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("https://Example.ORG", "https://example.org/"),
        (" https://example.org:443/feed#top ", "https://example.org/feed"),
        ("HTTP://example.org:80/Feed", "http://example.org/Feed"),
        ("http://example.org:8080/feed", "http://example.org:8080/feed"),
        ("https://example.org./feed", "https://example.org/feed"),
        ("https://bücher.example/feed", "https://xn--bcher-kva.example/feed"),
        ("http://[::1]:8080/feed", "http://[::1]:8080/feed"),
        # What an article's address loses, a feed's server may need.
        (
            "https://example.org/?feed=rss2&utm_source=x&b&a=1",
            "https://example.org/?feed=rss2&utm_source=x&b&a=1",
        ),
        ("https://example.org/a//b/%7Ec/", "https://example.org/a//b/%7Ec/"),
    ],
)
def test_an_address_has_one_form_and_keeps_what_its_server_reads(given, stored):
    assert source_url(given) == stored
    assert source_url(stored) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.org/feed",
        "ftp://example.org/feed",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user:secret@example.org/feed",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "https://example.org/" + "a" * URL_CHARS,
    ],
)
def test_what_is_no_address_is_refused_in_one_line(given):
    with pytest.raises(WrongSource) as refused:
        source_url(given)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


@given(st.text(max_size=40))
def test_whatever_is_given_is_an_address_or_refused(text):
    for given_text in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            found = source_url(given_text)
        except WrongSource:
            continue
        assert source_url(found) == found
        route_of(found)


def test_a_definition_is_known_by_its_address():
    made = define("https://Example.org/feed", name="Example", tags=["News/World"], now=NOW)
    assert made.source_id == ids.source_id("feed", "https://example.org/feed")
    assert (made.url, made.name, made.tags) == ("https://example.org/feed", "Example", ["News/World"])
    assert (made.publisher.domain, made.added_at, made.updated_at) == ("example.org", NOW, NOW)


@pytest.mark.parametrize(
    "fields", [{"min_interval_s": "soon"}, {"tags": 3}, {"min_interval_s": 100, "max_interval_s": 99}]
)
def test_a_field_that_is_wrong_is_refused(fields):
    with pytest.raises(WrongSource):
        define("https://example.org/feed", **fields)


def test_its_record_lies_where_its_host_lies():
    made = define("https://www.example.co.uk/feed", now=NOW)
    record = definition_record(made)
    assert (record.topic, record.key, record.route_by) == (
        SOURCES.name,
        made.source_id.encode(),
        b"example.co.uk",
    )
    assert decode(record.value, SourceDefinition) == made
    headers = dict(record.headers)
    assert headers["ce_type"] == SOURCES.ce_type.encode()
    assert headers["ce_id"] == ids.definition_event_id(made.source_id, NOW).encode()
    gone = removal_record(made)
    assert (gone.key, gone.route_by, gone.value) == (record.key, record.route_by, None)


def test_the_sink_sends_it_to_the_partition_that_its_route_has():
    producer = FakeProducer()
    producer.partitions_for = lambda _topic: set(range(6))  # type: ignore[method-assign]
    sink = Sink(SinkOptions(client={}), producer=lambda **_options: producer)
    record = definition_record(define("https://example.org/feed"))
    sink.send(record, delivered=lambda _hop: None, refused=lambda _why: None)
    assert producer.sent[0].partition == partition_of(b"example.org", 6)


@given(st.binary(max_size=40), st.integers(1, 1000))
def test_both_clients_put_a_route_into_one_partition(key, partitions):
    for theirs in (aiokafka.partitioner.murmur2, kafka.partitioner.murmur2):
        assert partition_of(key, partitions) == (theirs(key) & 0x7FFFFFFF) % partitions
