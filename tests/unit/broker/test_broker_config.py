"""The files that configure a broker, its directory and its ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.broker.config import BATCH_BYTES, Layout, log4j_properties, server_properties
from newswire.broker.ports import FIRST, LAST, free_port, is_free
from schemas.limits import DEAD_LETTER_RECORD_BYTES
from schemas.topics import TOPICS
from tests.support.ports import taken_between_free_ones


def properties(text: str) -> dict[str, str]:
    """Read a properties file as Java does, for the escapes that we write."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {
        name: value.replace("\\\\", "\0").encode("ascii").decode("unicode_escape").replace("\0", "\\")
        for name, _, value in pairs
    }


def test_the_broker_listens_on_loopback_only():
    values = properties(server_properties(Layout(Path("/broker")), 20_001, 20_002))
    assert values["listeners"] == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002"
    assert values["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20001"
    assert values["controller.quorum.bootstrap.servers"] == "127.0.0.1:20002"
    assert values["log.dirs"] == "/broker/data"
    assert values["auto.create.topics.enable"] == "false"


def test_the_broker_takes_the_largest_batch_of_every_topic():
    values = properties(server_properties(Layout(Path("/broker")), 20_001, 20_002))
    largest = max(int(topic.config()["max.message.bytes"]) for topic in TOPICS)
    assert largest == BATCH_BYTES > DEAD_LETTER_RECORD_BYTES
    assert int(values["message.max.bytes"]) == largest
    assert int(values["replica.fetch.max.bytes"]) == largest
    assert int(values["socket.request.max.bytes"]) >= 100 * 1024 * 1024, "Kafka's own default"


@pytest.mark.parametrize("name", ["plain", "with space", "Zürich", "back\\slash", "新聞", "📰"])
def test_paths_survive_javas_escapes(name: str):
    layout = Layout(Path("/") / name)
    text = server_properties(layout, 20_001, 20_002)
    assert text.isascii()
    raw = properties(text)["log.dirs"].encode("utf-16", "surrogatepass").decode("utf-16")
    assert raw == f"/{name}/data"
    assert f"{name}/kafka.log" in properties(log4j_properties(layout))["appender.file.fileName"].encode(
        "utf-16", "surrogatepass"
    ).decode("utf-16")


def test_wiping_deletes_what_is_the_brokers_and_nothing_else(tmp_path: Path):
    layout = Layout(tmp_path)
    layout.wipe()
    (layout.data / "news.raw.v1-0").mkdir(parents=True)
    for path in (layout.server, layout.log4j, layout.log, layout.output, layout.state, tmp_path / "mine"):
        path.write_text("x")
    layout.wipe()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_directory_is_formatted_when_kafka_has_written_its_identity(tmp_path: Path):
    layout = Layout(tmp_path)
    layout.data.mkdir()
    assert not layout.formatted
    (layout.data / "meta.properties").write_text("cluster.id=x\n")
    assert layout.formatted


def test_free_ports_lie_below_those_of_outgoing_connections():
    port = free_port()
    assert FIRST <= port <= LAST < 32_768
    assert free_port(other_than=port) != port


def test_a_port_is_free_until_something_listens():
    # Not one that the system chose: it would give it to the next who asks for any.
    with taken_between_free_ones() as port:
        assert not is_free(port)
    assert is_free(port)
