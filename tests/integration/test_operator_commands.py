"""tail, trace and dlq on real Kafka, over records whose hops lie where they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from newswire.broker import DevBroker
from newswire.cli import app
from newswire.cli.errors import explain
from newswire.ledger.groups import opened
from newswire.ledger.letters import letters, with_states
from newswire.ledger.reader import TopicReader
from newswire.ledger.tail import followed
from newswire.ledger.trace import trace
from schemas import ids, topics
from schemas.outcome import Hop, Times
from schemas.wire import Progress, WireRecord, read_progress
from streams.engine.records import Record
from tests.support.brokers import consume, environment_for, produce, settings_for
from tests.support.ledger import TIMES, Case, commit_all
from tests.support.processes import Workers, environment
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

A, COPY, WAITING = Case("a"), Case("copy"), Case("waiting")
BROKEN, CLIENT = Case("broken"), Case("client")


class Done(msgspec.Struct):
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def newswire(broker: DevBroker, *arguments: str) -> Done:
    """Run the command in this process, which saves it the imports; errors end as `main` ends them."""
    ran = CliRunner().invoke(app, list(arguments), env=environment_for(settings_for(broker)))
    if ran.exception is None or isinstance(ran.exception, SystemExit):
        return Done(ran.exit_code, ran.stdout, ran.stderr)
    assert isinstance(ran.exception, Exception)
    message = explain(ran.exception)
    assert message is not None, ran.exception
    return Done(2, ran.stdout, ran.stderr + f"newswire: {message}\n")


def lay(broker: DevBroker, record: WireRecord) -> Hop:
    ((topic, partition, offset),) = produce(broker, [record])
    return Hop(topic=topic, partition=partition, offset=offset)


def walk(broker: DevBroker, case: Case) -> list[Hop]:
    """Lay an item's records one after the other, each saying what the item had behind it."""
    raw = lay(broker, case.raw_record())
    times = msgspec.structs.replace(TIMES, judged=None, enriched=None)
    article = lay(broker, case.article_record(Progress(times=times, hops=[raw])))
    lay(broker, case.sighting_record())
    judged = msgspec.structs.replace(TIMES, enriched=None)
    unique = lay(broker, case.unique_record(Progress(times=judged, hops=[raw, article])))
    produce(broker, case.enriched_records())
    produce(broker, [case.outcome_record(hops=[raw, article, unique])])
    return [raw, article, unique]


def place(hop: Hop) -> str:
    return f"{hop.topic}/{hop.partition}/{hop.offset}"


def json_lines(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- trace -----------------------------------------------------------------------------------------------------


def test_an_item_is_traced_by_every_id_of_its_and_by_link_and_place(clean_kafka: DevBroker) -> None:
    hops = walk(clean_kafka, A)
    produce(clean_kafka, COPY.all_records())
    claim = A.claim()
    enriched = ids.enriched_event_id(A.item_id, A.enrichment_id, 1)
    targets = [
        A.item_id,
        A.article_id,
        A.revision_id,
        A.url,
        A.url + "?utm_source=feed#top",
        claim.claim_id,
        A.entity().entity_id,
        A.enrichment_id,
        enriched,
        ids.part_event_id(enriched, claim.claim_id),
        ids.outcome_event_id(A.item_id, 1),
        ids.sighting_event_id(A.item_id, "plain/1"),
        *map(place, hops),
    ]
    with TopicReader(settings_for(clean_kafka)) as reader:
        for target in targets:
            assert [path.item_id for path in trace(reader, target)] == [A.item_id], target
        assert trace(reader, ids.item_id("files:none", "x", "", "")) == []
        assert trace(reader, "https://merrin.example/nowhere") == []
        (path,) = trace(reader, A.item_id)
    (attempt,) = path.attempts
    assert (attempt.outcome, attempt.stage, path.title, path.url) == ("enriched", "enrich", A.title, A.url)
    places = {
        step.name: [each.rpartition("/")[0].partition("/")[0] for each in step.places]
        for step in attempt.steps
    }
    assert places == {
        "published": [],
        "observed": [],
        "raw": ["news.raw.v1"],
        "normalized": ["news.article.v1"],
        "judged": ["news.sightings.v1", "news.unique.v1"],
        "enriched": ["news.enriched.v1"],
        "outcome": ["news.outcomes.v1"],
    }
    assert [step.after_s for step in attempt.steps] == [None, 60.0, 0.25, 0.5, 0.25, 2.5, None]
    assert not any(step.gone for step in attempt.steps)
    assert [each.claim_id for each in attempt.claims] == [claim.claim_id]
    assert attempt.sighting is not None
    assert attempt.sighting.verdict == "new"


def test_a_copy_says_of_what(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, COPY.duplicate_records(of=A))
    shown = newswire(clean_kafka, "trace", COPY.item_id)
    assert shown.returncode == 0, shown.stderr
    assert "duplicate by dedupe" in shown.stdout
    assert "identical to merrin.example" in shown.stdout
    assert f"item {A.item_id}" in shown.stdout


def test_the_command_shows_the_way_and_the_claims(clean_kafka: DevBroker) -> None:
    raw, article, unique = walk(clean_kafka, A)
    shown = newswire(clean_kafka, "trace", A.url)
    assert shown.returncode == 0, shown.stderr
    for text in (
        A.item_id,
        place(raw),
        place(article),
        place(unique),
        "+60.0 s",
        "+250 ms",
        "Ana Quill — said —",
    ):
        assert text in shown.stdout
    (told,) = json_lines(newswire(clean_kafka, "trace", A.url, "--json"))
    assert told["attempts"][0]["claims"][0]["claim_id"] == A.claim().claim_id
    nothing = newswire(clean_kafka, "trace", "no such id")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert nothing.stderr == "newswire: nothing is known of no such id\n"
    no_link = newswire(clean_kafka, "trace", "ftp://merrin.example/a")
    assert no_link.returncode == 2
    assert "is no link that an article could have" in no_link.stderr


@pytest.mark.parametrize("reached", ["raw", "article", "unique"])
def test_an_item_under_way_is_traced_as_far_as_it_is(clean_kafka: DevBroker, reached: str) -> None:
    raw = lay(clean_kafka, WAITING.raw_record())
    hops = [raw]
    if reached != "raw":
        times = Times(observed=WAITING.fetched_at, normalized="2026-11-24T06:00:01Z")
        hops.append(lay(clean_kafka, WAITING.article_record(Progress(times=times, hops=[raw]))))
    if reached == "unique":
        times = Times(observed=WAITING.fetched_at, judged="2026-11-24T06:00:02Z")
        hops.append(lay(clean_kafka, WAITING.unique_record(Progress(times=times, hops=list(hops)))))
    with TopicReader(settings_for(clean_kafka)) as reader:
        for target in (WAITING.item_id, WAITING.url, place(raw)):
            (path,) = trace(reader, target)
            (attempt,) = path.attempts
            assert attempt.outcome is None
            assert [each for step in attempt.steps for each in step.places] == [place(hop) for hop in hops]
            assert path.title == WAITING.title


def test_records_that_are_gone_are_said_to_be(clean_kafka: DevBroker) -> None:
    gone = Hop(topic="news.raw.v1", partition=0, offset=99)
    produce(clean_kafka, [A.outcome_record("rejected", stage="normalize", reason="empty", hops=[gone])])
    with TopicReader(settings_for(clean_kafka)) as reader:
        (path,) = trace(reader, A.item_id)
    assert path.attempts[0].steps[2].gone == ["news.raw.v1/0/99"]
    assert "(not kept)" in newswire(clean_kafka, "trace", A.item_id).stdout


# -- tail ------------------------------------------------------------------------------------------------------


def test_tail_begins_at_the_beginning_at_the_end_or_with_the_last(clean_kafka: DevBroker) -> None:
    cases = [Case(f"n{number}") for number in range(12)]
    for case in cases:  # one by one, so that their timestamps are in order
        produce(clean_kafka, [case.outcome_record()])

    def read(where: str) -> list[str]:
        with TopicReader(settings_for(clean_kafka)) as reader:
            found = followed(reader, "news.outcomes.v1", where, follow=False)
            return [record.key.decode() for record in found if record and record.key]

    every = [case.item_id for case in cases]
    assert sorted(read("beginning")) == sorted(every)
    assert read("end") == []
    assert read("-5") == every[-5:], "the last over all partitions, in order"
    assert read("-100") == every
    for wrong in ("-0", "-x", "start", "-100000"):
        with pytest.raises(ValueError, match="is none of beginning, end and -1"):
            read(wrong)


def test_tail_filters_limits_and_writes_json(clean_kafka: DevBroker) -> None:
    produce(clean_kafka, [*A.all_records(), *Case("old", lane="backfill").all_records()])
    once = ["--from", "beginning", "--no-follow"]
    (claim,) = json_lines(newswire(clean_kafka, "tail", "claims", *once, "--lane", "live", "--json"))
    assert claim["value"]["claim_id"] == A.claim().claim_id
    assert claim["headers"]["ce_type"] == "newswire.claim.v1"
    assert len(json_lines(newswire(clean_kafka, "tail", "news.claims.v1", *once, "--json"))) == 2
    assert len(json_lines(newswire(clean_kafka, "tail", "claims", *once, "--limit", "1", "--json"))) == 1
    (raw,) = json_lines(newswire(clean_kafka, "tail", "raw", *once, "--lane", "backfill", "--json"))
    assert raw["topic"] == "news.raw.backfill.v1"
    assert json_lines(newswire(clean_kafka, "tail", "news.raw.backfill.v1", *once, "--json")) == [raw]
    assert newswire(clean_kafka, "tail", "claims", *once, "--entity", "nobody").stdout == ""
    plain = newswire(clean_kafka, "tail", "claims", *once, "--entity", "quill", "--language", "en", "-n", "1")
    assert "Ana Quill — said — The harbour strike is over (certain) · Merrin Courier" in plain.stdout
    assert "\x1b" not in plain.stdout
    unknown = newswire(clean_kafka, "tail", "claim", *once)
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("newswire: 'claim' is no topic of newswire: they are raw, article,")


def test_tail_follows(clean_kafka: DevBroker, workers: Workers, tmp_path: Path) -> None:
    environ = environment(**environment_for(settings_for(clean_kafka)))
    produce(clean_kafka, [COPY.outcome_record()])
    worker = workers.newswire("tail", "outcomes", "--from", "-1", environ=environ)
    worker.wait_for(COPY.item_id)
    produce(clean_kafka, [A.outcome_record()])
    worker.wait_for(A.item_id)
    # The end of a line is written after the line.
    eventually(lambda: worker.said().count("\n") == 2, "two lines are written")


# -- dead letters ----------------------------------------------------------------------------------------------


def dead_ledger(broker: DevBroker) -> tuple[Record, Hop]:
    """Lay a raw record whose bytes do not decode, its dead letter and outcome; return them."""
    raw = WireRecord(topic=topics.RAW.name, key=b"k", value=b"{broken \xff", headers=[("x-from", b"a test")])
    BROKEN.item_id = ids.item_id_of_bytes(raw.value or b"")
    lies = lay(broker, raw)
    letter = lay(broker, BROKEN.letter(raw, (lies.partition, lies.offset)))
    produce(broker, [BROKEN.outcome_record("dead_letter", stage="normalize", reason="not_json", hops=[lies])])
    (record,) = consume(broker, topics.DEAD_LETTER.name)
    return record, letter


def states(broker: DevBroker) -> list[str]:
    with opened(settings_for(broker)) as (reader, groups):
        return [letter.state for letter in with_states(reader, groups, letters(reader))]


def test_a_dead_letter_is_listed_shown_requeued_and_resolved(clean_kafka: DevBroker) -> None:
    record, letter = dead_ledger(clean_kafka)
    commit_all(clean_kafka)
    (listed,) = json_lines(newswire(clean_kafka, "dlq", "list", "--json"))
    assert (listed["state"], listed["place"], listed["reason"]) == ("open", place(letter), "not_json")
    assert newswire(clean_kafka, "dlq", "list", "--reason", "other").stdout == ""
    shown = newswire(clean_kafka, "dlq", "show", BROKEN.item_id)
    assert "header     x-from: a test" in shown.stdout
    assert "7b 62 72 6f 6b 65 6e 20 ff" in shown.stdout, "no text, so in hexadecimal"
    assert "__connect.errors" not in shown.stdout

    sent = newswire(clean_kafka, "dlq", "requeue", place(letter))
    assert sent.returncode == 0, sent.stderr
    assert "attempt 2" in sent.stdout
    first, again = consume(clean_kafka, topics.RAW.name)
    assert (again.key, again.value, again.partition) == (record.key, record.value, first.partition)
    assert ("x-from", b"a test") in again.headers
    progress = read_progress(again.headers)
    assert (progress.attempt, progress.requeued_from) == (2, letter)

    assert states(clean_kafka) == ["requeued"]
    refused = newswire(clean_kafka, "dlq", "requeue", BROKEN.item_id)
    assert refused.returncode == 1
    assert "it is on its way again already" in refused.stdout
    assert len(consume(clean_kafka, topics.RAW.name)) == 2

    commit_all(clean_kafka)
    produce(clean_kafka, [BROKEN.outcome_record("rejected", stage="normalize", reason="empty", attempt=2)])
    assert states(clean_kafka) == ["resolved"]
    listed_again = newswire(clean_kafka, "dlq", "list")
    assert "resolved" in listed_again.stdout
    assert listed_again.stderr == "1 dead letters: 1 resolved\n"


def test_what_fails_again_is_requeued_from_its_newest_letter(clean_kafka: DevBroker) -> None:
    record, _letter = dead_ledger(clean_kafka)
    raw = WireRecord(topic=topics.RAW.name, key=record.key, value=record.value)
    second = lay(clean_kafka, BROKEN.letter(raw, (0, 1), attempt=2, failed_at="2026-11-24T07:00:00Z"))
    produce(
        clean_kafka, [BROKEN.outcome_record("dead_letter", stage="normalize", reason="not_json", attempt=2)]
    )
    commit_all(clean_kafka)
    assert states(clean_kafka) == ["failed_again", "open"]
    done = newswire(clean_kafka, "dlq", "requeue", BROKEN.item_id, "--json")
    (told,) = json_lines(done)
    assert told["letter"]["place"] == place(second)
    attempts = [read_progress(each.headers).attempt for each in consume(clean_kafka, topics.RAW.name)]
    assert sorted(attempts) == [1, 3]


def test_requeueing_by_reason_asks_unless_told_and_passes_over_the_rest(clean_kafka: DevBroker) -> None:
    dead_ledger(clean_kafka)
    unread = CLIENT.letter(CLIENT.raw_record(), (-1, -1), stage="connect", reason="not_json")
    produce(clean_kafka, [unread, CLIENT.outcome_record("dead_letter", stage="connect", reason="not_json")])
    commit_all(clean_kafka)
    asked = newswire(clean_kafka, "dlq", "requeue", "--reason", "not_json")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr == "newswire: 1 dead letters are open: say --yes to requeue them\n"
    assert len(consume(clean_kafka, topics.RAW.name)) == 1
    done = newswire(clean_kafka, "dlq", "requeue", "--reason", "not_json", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "1 of 1 requeued\n"
    refused = newswire(clean_kafka, "dlq", "requeue", CLIENT.item_id)
    assert refused.returncode == 1
    assert "let its connector read it again" in refused.stdout
    assert sorted(states(clean_kafka)) == ["refused", "requeued"]
    assert newswire(clean_kafka, "dlq", "requeue").returncode == 2


def test_original_bytes_come_out_as_they_were(clean_kafka: DevBroker) -> None:
    raw = A.raw_record()
    lies = lay(clean_kafka, raw)
    letter = A.letter(raw, (lies.partition, lies.offset))
    produce(clean_kafka, [letter, letter])
    done = newswire(clean_kafka, "dlq", "show", place(lies), "--raw")
    assert done.stdout.encode() == raw.value
    pretty = newswire(clean_kafka, "dlq", "show", A.item_id).stdout
    assert f'  "item_id": "{A.item_id}",' in pretty
    assert "×2" in newswire(clean_kafka, "dlq", "list").stdout
    missing = newswire(clean_kafka, "dlq", "show", COPY.item_id)
    assert missing.returncode == 2
    assert missing.stderr == f"newswire: there is no dead letter {COPY.item_id}: newswire dlq list\n"
