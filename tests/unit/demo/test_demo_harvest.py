"""What the demo reads back, over topics in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec
import pytest

from connectors.framework.stop import Stop
from newswire.demo.errors import DemoFailed
from newswire.demo.harvest import Harvester
from newswire.demo.run import _await_outcomes
from newswire.supervisor import Interrupted
from schemas import topics
from schemas.enriched import EnrichedArticle
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.sighting import Sighting
from schemas.wire import encode
from streams.engine.records import Record
from tests.support.require import ROOT


def example(name, event_type):
    return msgspec.json.decode((ROOT / "schemas" / "examples" / f"{name}.json").read_bytes(), type=event_type)


ITEM = example("raw_item.wire", RawItem)
OUTCOME = msgspec.structs.replace(example("outcome.enriched", Outcome), item_id=ITEM.item_id)


class Topics:
    """As much of a `TopicReader` as the harvest needs; each topic has one partition."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = defaultdict(list)

    def add(self, topic, event, headers=()) -> None:
        value = event if isinstance(event, bytes) else encode(event)
        self.records[topic.name].append(Record(topic.name, 0, 0, 0, None, value, tuple(headers)))

    def partitions(self, topic: str) -> list[tuple[str, int]]:
        return [(topic, 0)]

    def ends(self, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        return {each: len(self.records[each[0]]) for each in partitions}

    def read(self, starts, ends) -> Iterator[Record]:
        for each, start in starts.items():
            yield from self.records[each[0]][start : ends[each]]


class NoPipeline:
    checks = 0

    def check(self) -> None:
        self.checks += 1


@pytest.fixture
def kept() -> Topics:
    return Topics()


def test_only_what_came_since_and_belongs_to_the_items_is_taken(kept: Topics):
    other = msgspec.structs.replace(ITEM, item_id="from before")
    kept.add(topics.RAW, other)
    harvester = Harvester(kept, "live")
    kept.add(topics.RAW, ITEM)
    kept.add(topics.OUTCOMES, OUTCOME)
    kept.add(topics.OUTCOMES, msgspec.structs.replace(OUTCOME, item_id="from before"))
    kept.add(topics.OUTCOMES, msgspec.structs.replace(OUTCOME, item_id="broken", stage="connect"))
    kept.add(topics.OUTCOMES, b"no JSON")
    for topic, name, event_type in (
        (topics.SIGHTINGS, "sighting.new", Sighting),
        (topics.ENRICHED, "enriched_article.first", EnrichedArticle),
    ):
        event = example(name, event_type)
        for item_id in ("from before", ITEM.item_id, ITEM.item_id):
            kept.add(topic, msgspec.structs.replace(event, item_id=item_id))
    harvester.read_items()
    harvester.read_outcomes()
    harvester.read_events()
    found = harvester.harvest
    assert [item.item_id for item in found.raw] == [ITEM.item_id]
    assert set(found.outcomes) == {ITEM.item_id, "broken"}
    assert [each.item_id for each in found.sightings] == [ITEM.item_id], "delivered twice, taken once"
    assert [each.item_id for each in found.enriched] == [ITEM.item_id]
    assert not harvester.missing()


def test_of_several_attempts_the_latest_outcome_counts(kept: Topics):
    harvester = Harvester(kept, "live")
    kept.add(topics.RAW, ITEM)
    for attempt, outcome in ((1, "dead_letter"), (2, "enriched"), (1, "dead_letter")):
        kept.add(topics.OUTCOMES, msgspec.structs.replace(OUTCOME, attempt=attempt, outcome=outcome))
    harvester.read_items()
    harvester.read_outcomes()
    assert harvester.harvest.outcomes[ITEM.item_id].outcome == "enriched"


def test_dead_letters_are_told_by_their_headers(kept: Topics):
    harvester = Harvester(kept, "live")
    written = example("dead_letter_headers.not_json", dict[str, str])
    kept.add(topics.DEAD_LETTER, b"the bytes", [(name, value.encode()) for name, value in written.items()])
    harvester.read_events()
    (letter,) = harvester.harvest.dead_letters
    assert letter.headers.reason == "not_json"
    assert letter.headers.item_id == written["__connect.errors.item-id"]


def test_waiting_ends_with_the_last_outcome_and_tells_how_far_it_is(kept: Topics):
    harvester = Harvester(kept, "live")
    kept.add(topics.RAW, ITEM)
    pipeline, told = NoPipeline(), []

    def progress(count: int, total: int) -> None:
        told.append((count, total))
        if len(told) == 1:
            kept.add(topics.OUTCOMES, OUTCOME)

    assert _await_outcomes(harvester, pipeline, progress=progress, stop=Stop(), deadline_s=60) == 1
    assert told == [(0, 1), (1, 1)]
    assert pipeline.checks == 1, "what died meanwhile was started again"


def test_items_without_an_outcome_at_the_deadline_are_named(kept: Topics):
    harvester = Harvester(kept, "live")
    for number in range(12):
        kept.add(topics.RAW, msgspec.structs.replace(ITEM, item_id=f"id-{number}", title=f"Story {number}"))
    kept.add(topics.OUTCOMES, msgspec.structs.replace(OUTCOME, item_id="id-11"))
    with pytest.raises(DemoFailed, match="11 of 12 items have no outcome after 0 s") as failed:
        _await_outcomes(harvester, NoPipeline(), progress=lambda *_: None, stop=Stop(), deadline_s=0)
    assert failed.value.lines[0] == "Story 0 (id-0)"
    assert failed.value.lines[-1] == "and 1 more"
    assert len(failed.value.lines) == 11


def test_what_was_read_twice_is_waited_for_once(kept: Topics):
    harvester = Harvester(kept, "live")
    written = example("dead_letter_headers.not_json", dict[str, str]) | {"__connect.errors.stage": "connect"}
    headers = [(name, value.encode()) for name, value in written.items()]
    for _ in range(2):
        kept.add(topics.RAW, ITEM)
        kept.add(topics.DEAD_LETTER, b"{broken", headers)
    kept.add(topics.OUTCOMES, OUTCOME)
    with pytest.raises(DemoFailed, match="1 of 2 items have no outcome") as failed:
        _await_outcomes(harvester, NoPipeline(), progress=lambda *_: None, stop=Stop(), deadline_s=0)
    item_id = written["__connect.errors.item-id"]
    assert failed.value.lines == [f"{written['__connect.errors.exception.message']} ({item_id})"]
    kept.add(topics.OUTCOMES, msgspec.structs.replace(OUTCOME, item_id=item_id, stage="connect"))
    assert _await_outcomes(harvester, NoPipeline(), progress=lambda *_: None, stop=Stop(), deadline_s=0) == 2


def test_waiting_ends_when_a_stop_is_asked_for(kept: Topics):
    harvester = Harvester(kept, "live")
    kept.add(topics.RAW, ITEM)
    stop = Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        _await_outcomes(harvester, NoPipeline(), progress=lambda *_: None, stop=stop, deadline_s=60)
