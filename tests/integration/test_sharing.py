"""Workers that share sources, with real Kafka, real processes and a server that sees every request."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from newswire.broker import DevBroker
from newswire.sources.editing import editing
from newswire.topics import ensure_topics
from schemas.topics import SOURCE_STATE
from schemas.wire import WireRecord, encode
from tests.support.brokers import (
    PARTITIONS,
    admin_of,
    consume,
    environment_for,
    produce,
    settings_for,
)
from tests.support.processes import Workers, environment
from tests.support.sharing import Sharing
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def sharing(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> Sharing:
    # Long enough that a machine which stands still for some seconds ends no lease.
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", kafka_session_timeout_s=20)
    return Sharing(clean_kafka, settings, workers, tmp_path, count=30, period_s=1.0)


def test_a_worker_that_joins_takes_its_share_in_order_and_one_that_dies_is_replaced(sharing: Sharing):
    first = sharing.start()
    sharing.await_shares(first)
    sharing.await_requests()
    second = sharing.start()
    sharing.await_shares(first, second)
    assert '"how": "clean"' in second.said(), "it was handed over, so nobody waited"
    assert '"how": "unclean"' not in second.said()
    sharing.await_requests()
    first.kill()
    sharing.await_shares(second)
    assert '"how": "unclean"' in second.said()
    sharing.await_requests()
    sharing.end_publishing()
    figures = sharing.await_complete()
    assert second.terminate() == 0
    markers = sharing.markers()
    assert len(markers) == PARTITIONS
    assert {marker and marker.state for marker in markers.values()} == {"released"}
    assert not sharing.fold().overtaken()
    assert figures["items"] >= figures["entries"]


def test_definitions_are_followed_and_a_removed_sources_state_goes(sharing: Sharing):
    worker = sharing.start()
    sharing.await_shares(worker)
    sharing.await_requests()
    eventually(lambda: len(sharing.states()) == sharing.count, "every source has a state")
    with editing(sharing.settings) as editor:
        editor.remove(sharing.sources[:1])
        editor.put([sharing.definition(1, enabled=False)])

    def removed() -> bool:
        return sharing.sources[0].source_id not in {source_id for source_id, _ in _folded(sharing)}

    eventually(removed, "the state of a removed source is removed")
    before = len(sharing.requests())
    others = set(range(2, sharing.count))

    def late() -> set[int]:
        return {one.feed for one in sharing.requests()[before + sharing.count :]}

    eventually(
        lambda: len(sharing.requests()) > before + 2 * sharing.count and others <= late(), "others go on"
    )
    assert late() == others
    assert worker.terminate() == 0


def _folded(sharing: Sharing) -> list[tuple[str, int]]:
    fold = sharing.fold()
    for source in sharing.sources:
        fold.define(source.source_id, encode(source))
    return [(source_id, stored.generation) for source_id, _, stored in fold.sources() if stored is not None]


def test_what_an_older_owner_writes_late_is_written_over(sharing: Sharing):
    worker = sharing.start()
    sharing.await_shares(worker)
    eventually(lambda: len(sharing.states()) == sharing.count, "every source has a state")
    with editing(sharing.settings) as editor:  # so that no poll of its own comes to the rescue
        editor.put([sharing.definition(0, enabled=False)])
    source_id = sharing.sources[0].source_id
    counts = sharing.states()[source_id][-1]
    partition = next(
        record.partition
        for record in consume(sharing.kafka, SOURCE_STATE.name)
        if record.key == source_id.encode()
    )
    stale = msgspec.structs.replace(counts, generation=counts.generation - 1, cursor={"stale": True})
    late = WireRecord(
        topic=SOURCE_STATE.name, key=source_id.encode(), value=encode(stale), partition=partition
    )
    produce(sharing.kafka, [late])

    def written_over() -> bool:
        last = sharing.states()[source_id][-1]
        return last.generation == counts.generation and "stale" not in last.cursor

    eventually(written_over, "the state that counts is the last one again")
    assert worker.terminate() == 0


def test_topics_that_are_not_partitioned_alike_are_refused(clean_kafka, workers: Workers, tmp_path: Path):
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run")
    with admin_of(clean_kafka) as admin:
        admin.delete_topics([SOURCE_STATE.name])
        eventually(lambda: SOURCE_STATE.name not in admin.list_topics(), "it is deleted")
    ensure_topics(settings_for(clean_kafka, partitions=PARTITIONS + 1))
    worker = workers.newswire("connect", environ=environment(**environment_for(settings)))
    assert worker.wait() == 2
    assert "must have the same number of partitions" in worker.said().splitlines()[-1]
    listed = workers.newswire("sources", "list", environ=environment(**environment_for(settings)))
    assert listed.wait() == 2
    assert "must have the same number of partitions" in listed.said().splitlines()[-1]
