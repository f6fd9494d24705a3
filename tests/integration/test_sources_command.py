"""``newswire sources`` and ``newswire up`` with sources, on real Kafka and loopback feeds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sharing.definitions import define
from newswire.broker import DevBroker
from newswire.cli.up import seed_sources
from newswire.console import console_for
from newswire.ledger.reader import TopicReader
from newswire.settings import Settings
from newswire.sources.catalogue import is_empty, read_sources
from newswire.sources.editing import editing
from schemas import topics
from schemas.source import SourceHealth, SourceState
from schemas.wire import WireRecord, encode
from tests.support.brokers import consume, environment_for, produce, settings_for
from tests.support.processes import Workers, environment, run_newswire
from tests.support.sharing import Sharing
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def settings(clean_kafka: DevBroker, tmp_path: Path) -> Settings:
    return settings_for(
        clean_kafka, data_dir=tmp_path / "run", kafka_session_timeout_s=3, enrich_model="fake"
    )


@pytest.fixture
def sources(settings: Settings) -> Command:
    def run(*arguments: str, code: int = 0, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        environ = environment(**environment_for(settings))
        done = run_newswire("sources", *arguments, environ=environ, stdin=stdin.decode())
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def listed(sources: Command, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sources("list", "--json", *arguments).stdout.splitlines()]


def test_sources_are_added_once_changed_and_removed(sources: Command, settings: Settings):
    assert "0 sources" in sources("list").stderr
    url = "https://Example.org/feed#x"
    added = sources("add", url, "--name", "Example", "--tag", "World", "--country", "GB", "--follow", "never")
    assert added.stdout.startswith("added  https://example.org/feed  ")
    again = sources("add", url, code=1)
    assert "it is there already, unknown" in again.stderr
    (source,) = listed(sources)
    assert (source["name"], source["tags"], source["follow"]) == ("Example", ["World"], "never")
    assert source["publisher"] == {
        "domain": "example.org",
        "name": "Example",
        "country": "GB",
        "family": None,
    }
    assert source["health"]["status"] == "unknown"

    sources("add", url, "--update", "--disable", "--min-interval", "60")
    (changed,) = listed(sources)
    assert (changed["enabled"], changed["min_interval_s"], changed["name"]) == (False, 60, "Example")
    assert changed["added_at"] == source["added_at"]
    assert changed["updated_at"] > source["updated_at"]
    assert "disabled" in sources("list").stdout
    assert "it is not there" in sources("add", "https://example.com/", "--update", code=1).stderr

    assert "is no web address" in sources("add", "example.org", code=2).stderr
    assert (
        "min_interval_s is more"
        in sources("add", "https://example.com/", "--min-interval", "9", "--max-interval", "8", code=2).stderr
    )

    gone = sources("remove", source["source_id"], "https://example.com/", code=1)
    assert gone.stdout.startswith("removed  https://example.org/feed")
    assert "https://example.com/: it is not there" in gone.stderr
    assert listed(sources) == []


def test_the_list_shows_how_sources_do_and_is_filtered(
    sources: Command, settings: Settings, clean_kafka: DevBroker
):
    with editing(settings) as editor:
        editor.put(
            [
                define("https://a.example/feed", tags=["News/World"], name="Aye"),
                define("https://b.example/feed", tags=["Newsy"]),
            ]
        )
    ids = {source["url"]: source["source_id"] for source in listed(sources)}
    state = SourceState(
        source_id=ids["https://a.example/feed"],
        generation=3,
        worker="w",
        written_at="2999-01-01T00:00:00.000000Z",
        next_poll_at="2999-01-01T00:00:00.000000Z",
        health=SourceHealth(
            status="blocked",
            reason="403 Forbidden",
            since="2026-11-20T00:00:00.000000Z",
            last_item_at="2026-11-19T00:00:00.000000Z",
        ),
    )
    partition = next(
        record.partition
        for record in consume(clean_kafka, topics.SOURCES.name)
        if record.key == state.source_id.encode()
    )
    stale = msgspec.structs.replace(state, generation=2, health=SourceHealth(status="ok"))
    for one in (state, stale):
        record = WireRecord(
            topic=topics.SOURCE_STATE.name,
            key=state.source_id.encode(),
            value=encode(one),
            partition=partition,
        )
        produce(clean_kafka, [record])

    (blocked,) = listed(sources, "--health", "blocked")
    assert blocked["health"]["reason"] == "403 Forbidden", "an older generation's write never wins"
    assert blocked["next_poll_at"] == state.next_poll_at
    table = sources("list").stdout
    assert "403 Forbidden" in table
    assert "Aye" in table
    assert [each["url"] for each in listed(sources, "--tag", "News")] == ["https://a.example/feed"]
    assert [each["url"] for each in listed(sources, "B.EXAMPLE")] == ["https://b.example/feed"]
    assert [each["url"] for each in listed(sources, "forbidden")] == ["https://a.example/feed"]
    assert listed(sources, "--health", "ok") == []
    assert "is none of" in sources("list", "--health", "fine", code=2).stderr


def test_lists_go_in_and_out(sources: Command, tmp_path: Path):
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        "<opml version='2.0'><body><outline text='News'><outline text='World'>"
        "<outline text='A' xmlUrl='https://a.example/feed' htmlUrl='https://a.example/'/></outline>"
        "<outline text='B' xmlUrl='https://b.example/feed'/></outline>"
        "<outline text='C' xmlUrl='ftp://c.example/'/></body></opml>"
    )
    tried = sources("import", str(opml), "--dry-run", code=1)
    assert tried.stdout == "2 would be added, 1 skipped\n"
    assert listed(sources) == []
    done = sources("import", str(opml), "--tag", "Mine", "--json", code=1)
    assert {**json.loads(done.stdout), "skipped": None} == {
        "added": 2,
        "replaced": 0,
        "there_already": 0,
        "skipped": None,
    }
    assert sources("import", "-", stdin=opml.read_bytes(), code=1).stdout == (
        "0 added, 2 there already, 1 skipped\n"
    )
    assert [each["tags"] for each in listed(sources)] == [["News/World", "Mine"], ["News", "Mine"]]
    out = sources("export").stdout
    assert 'htmlUrl="https://a.example/"' in out
    toml = sources("export", "--format", "toml", "--tag", "News/World").stdout
    assert toml.count("[[source]]") == 1
    sources("remove", "https://a.example/feed")
    assert sources("import", "-", "--update", stdin=toml.encode()).stdout == "1 added, 0 replaced\n"
    assert "neither OPML nor TOML" in sources("import", "-", stdin=b"x", code=2).stderr
    assert "No such file" in sources("import", str(tmp_path / "none"), code=2).stderr


def test_the_starter_list_is_defined_once(settings: Settings):
    for _ in range(2):
        seed_sources(settings, console_for())
    with TopicReader(settings) as reader:
        assert not is_empty(reader)
        entries = read_sources(reader)
    assert len(entries) >= 40
    with editing(settings) as editor:
        editor.remove([entry.definition for entry in entries])
    seed_sources(settings, console_for())
    with TopicReader(settings) as reader:
        assert read_sources(reader) == [], "who removed them does not want them back"


def test_up_reads_feeds_and_an_unreachable_one_is_a_matter_of_health(
    settings: Settings, clean_kafka: DevBroker, workers: Workers, sources: Command, tmp_path: Path
):
    sharing = Sharing(clean_kafka, settings, workers, tmp_path, count=2, period_s=1.0)
    with editing(settings) as editor:
        editor.put([define("http://127.9.9.9:9/feed", allow_hosts=["127.9.9.9:9"], min_interval_s=1)])
    up = workers.newswire("up", "--no-canary", environ=environment(**environment_for(settings)))
    up.wait_for("in another terminal", 200)
    assert "of seeds/sources.toml" not in up.said()

    def ended() -> set[str]:
        return {
            msgspec.json.decode(record.value or b"{}")["outcome"]
            for record in consume(clean_kafka, topics.OUTCOMES.name)
        }

    eventually(lambda: "enriched" in ended(), "an entry is enriched", 200)

    def health() -> list[str]:
        return sorted(source["health"]["status"] for source in listed(sources))

    eventually(lambda: health() == ["ok", "ok", "unknown"], "two were read", 200, 1.0)
    (unread,) = listed(sources, "--health", "unknown")
    assert unread["url"] == "http://127.9.9.9:9/feed"
    eventually(lambda: listed(sources, "127.9.9.9")[0]["health"]["reason"], "its first poll failed", 200, 1.0)
    up.child.terminate()
    assert up.wait(120) == 0, up.tail()
    assert (tmp_path / "run" / "logs" / "connect.log").exists()
    assert {marker and marker.state for marker in sharing.markers().values()} == {"released"}
