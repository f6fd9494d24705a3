"""What the audit must find, and what it must not: hand-made records, each kind of violation by itself."""

from __future__ import annotations

import random

import msgspec
import pytest

from newswire.ledger.findings import KINDS
from schemas import ids, topics
from schemas.wire import Progress, WireRecord
from tests.support.ledger import Case, event, hop, with_header, with_value
from tests.unit.ledger.ledger_parts import NOW_S, Folded

A, B, C = Case("a"), Case("b"), Case("c")
COPY = Case("copy", text=A.text)
WEEK_S = 7 * 86_400


def ledger() -> list[WireRecord]:
    """A ledger in order: two new articles and a copy of the first."""
    return [*A.all_records(), *B.all_records(), *COPY.duplicate_records(of=A)]


def without(topic: topics.Topic, of: Case) -> list[WireRecord]:
    """The ledger less what one item has in a topic."""
    gone = [each for each in of.all_records() if each.topic == topic.name]
    assert gone
    return [each for each in ledger() if each not in gone]


def test_a_ledger_in_order_has_no_violation() -> None:
    folded = Folded(ledger())
    assert folded.kinds() == {}
    counts = folded.counts
    assert (counts.items, counts.live, counts.backfill, counts.under_way) == (3, 3, 0, 0)
    assert counts.outcomes == {"enriched": 2, "duplicate": 1}
    assert folded.enrichments.claims.records == folded.enrichments.entities.records == 2


def test_everything_delivered_twice_in_any_order_is_no_violation_and_is_counted() -> None:
    records = ledger() * 2
    random.Random(7).shuffle(records)
    # Sightings have their order from their one partition: the owner of a text comes before its copies.
    sightings = [each for each in ledger() if each.topic == topics.SIGHTINGS.name] * 2
    folded = Folded([each for each in records if each.topic != topics.SIGHTINGS.name] + sightings)
    assert folded.kinds() == {}
    assert folded.counts.items == 3
    for seen in (folded.items.raw, folded.items.outcomes, folded.judgements.seen):
        assert (seen.records, seen.redelivered) == (6, 3)
    for seen in (folded.enrichments.enriched, folded.enrichments.claims, folded.enrichments.entities):
        assert (seen.records, seen.redelivered) == (4, 2)


def test_both_lanes_are_read_and_told_apart() -> None:
    old = Case("old", lane="backfill", text=A.text)
    folded = Folded([*ledger(), *old.all_records()])
    assert folded.kinds() == {}, "each lane has its own owners"
    assert (folded.counts.live, folded.counts.backfill) == (3, 1)


# -- items ---------------------------------------------------------------------------------------------------


def test_an_item_without_an_outcome_is_lost() -> None:
    folded = Folded([*ledger(), C.raw_record()])
    assert folded.kinds() == {"no_outcome": [C.item_id]}


def test_an_item_before_a_stage_is_under_way_and_not_lost() -> None:
    for record in (C.raw_record(), C.article_record(), C.unique_record()):
        folded = Folded([*ledger(), C.raw_record()], under_way=[record])
        assert folded.kinds() == {}
        assert folded.counts.under_way == 1


@pytest.mark.parametrize("value", [b"{", b"", None, b"\xff\xfe", b'{"item_id": 3}', b"[" * 5000])
def test_bytes_that_do_not_decode_are_items_by_their_hash(value: bytes | None) -> None:
    item_id = ids.item_id_of_bytes(value)
    raw = WireRecord(topic=topics.RAW.name, key=b"k", value=value)
    assert Folded([raw]).kinds() == {"no_outcome": [item_id]}
    case = Case("broken")
    case.item_id = item_id
    ended = case.outcome_record("dead_letter", stage="normalize", reason="not_json")
    folded = Folded([raw, ended, case.letter(raw)])
    assert folded.kinds() == {}
    assert folded.counts.reasons == {"dead_letter(not_json)": 1}


def test_an_item_whose_id_is_no_id_is_named_by_its_bytes() -> None:
    value = b'{"item_id": "not a uuid \xc3\xa9", "x": 1}'
    raw = WireRecord(topic=topics.RAW.name, key=b"k", value=value)
    assert Folded([raw]).kinds() == {"no_outcome": [ids.item_id_of_bytes(value)]}


def test_one_attempt_that_ended_in_two_ways() -> None:
    folded = Folded([*ledger(), A.outcome_record("rejected", stage="normalize", reason="empty")])
    assert folded.kinds() == {"two_outcomes": [A.item_id]}
    assert folded.violations[0].examples[0].detail == "enriched, rejected(empty)"


def test_after_a_requeue_the_latest_attempt_counts() -> None:
    raw = C.raw_record()
    failed = C.outcome_record("dead_letter", stage="enrich", reason="child_died")
    letter = C.letter(C.unique_record(), stage="enrich", reason="child_died")
    first = [raw, C.sighting_record(), letter, failed]
    assert Folded([*ledger(), *first]).kinds() == {}
    again = C.raw_record(Progress(attempt=2, requeued_from=hop(topics.DEAD_LETTER.name, 0, 0)))
    second = [again, *C.enriched_records(C.enriched(attempt=2)), C.outcome_record(attempt=2)]
    # In any order: the later attempt counts because it is later, not because it was read last.
    for records in ([*first, *second], [raw, *second, *first[1:]]):
        folded = Folded([*ledger(), *records])
        assert folded.kinds() == {}
        assert folded.counts.outcomes == {"enriched": 3, "duplicate": 1}
        assert folded.counts.requeued == 1
        assert (folded.items.requeues, folded.items.raw.redelivered) == (1, 0)


def test_an_outcome_that_names_a_raw_record_of_another_item() -> None:
    stray = C.outcome_record("rejected", stage="normalize", reason="empty", hops=[hop("news.raw.v1", 0, 1)])
    assert Folded([*ledger(), stray]).kinds() == {"outcome_of_no_item": [C.item_id]}


@pytest.mark.parametrize("hops", [[], [hop("news.raw.v1", 0, 99)], [hop("news.dead-letter.v1", 0, 0)]])
def test_an_outcome_of_what_was_not_read_is_no_violation(hops: list[object]) -> None:
    """The raw record is gone, or came after the audit began, or never was: a connector gave up on it."""
    stray = C.outcome_record("rejected", stage="normalize", reason="empty", hops=hops)
    assert Folded([*ledger(), stray]).kinds() == {}


def test_what_connectors_refuse_is_counted_apart() -> None:
    raw = C.raw_record()
    refused = C.outcome_record("dead_letter", stage="connect", reason="too_large")
    folded = Folded([*ledger(), refused, C.letter(raw, (-1, -1), stage="connect", reason="too_large")])
    assert folded.kinds() == {}
    assert (folded.counts.items, folded.counts.refused_by_connectors) == (3, 1)


def test_a_dead_letter_and_its_outcome_come_together() -> None:
    raw, sighting = C.raw_record(), C.sighting_record()
    letter = C.letter(C.unique_record(), stage="enrich")
    ended = C.outcome_record("dead_letter", stage="enrich", reason="child_died")
    assert Folded([raw, sighting, letter, ended]).kinds() == {}
    # Nor is there an enriched event that a dead letter would excuse.
    assert set(Folded([raw, sighting, ended]).kinds()) == {"no_dead_letter", "not_enriched"}
    assert set(Folded([raw, sighting, letter]).kinds()) == {"no_outcome", "dead_letter_without_outcome"}
    later = C.letter(C.unique_record(), stage="enrich", attempt=2)
    assert Folded([raw, sighting, letter, later, ended]).kinds() == {
        "dead_letter_without_outcome": [C.item_id]
    }


# -- verdicts ------------------------------------------------------------------------------------------------


def test_an_item_that_was_enriched_or_ended_in_dedupe_was_judged() -> None:
    assert Folded(without(topics.SIGHTINGS, B)).kinds() == {"no_sighting": [B.item_id]}
    records = [C.raw_record(), C.outcome_record("duplicate", stage="dedupe")]
    assert Folded(records).kinds() == {"no_sighting": [C.item_id]}


def test_two_sightings_of_one_item_agree() -> None:
    other = COPY.sighting_record(verdict="near_duplicate", enrich=False)
    assert Folded([*ledger(), other]).kinds() == {"two_verdicts": [COPY.item_id]}


@pytest.mark.parametrize("change", [{"revision_number": 2}, {"reverts_to": 1}, {"enrich": False}])
def test_a_second_verdict_differs_in_more_than_its_name(change: dict[str, object]) -> None:
    found = Folded([*ledger(), with_value(A.sighting_record(), **change)]).kinds()
    assert found == {"two_verdicts": [A.item_id]}


def test_a_second_sighting_that_differs_otherwise_is_another_event_under_the_same_id() -> None:
    found = Folded([*ledger(), with_value(A.sighting_record(), title="Another title")]).kinds()
    assert found == {"event_differs": [A.item_id]}


def test_an_item_that_another_extractor_read_later_may_be_judged_again() -> None:
    again = A.sighting_record(extractor="plain/2", verdict="reextracted", enrich=False)
    ended = A.outcome_record("reextracted", stage="dedupe")
    folded = Folded([*ledger(), again, ended])
    assert folded.kinds() == {}
    assert folded.counts.judged_again == 1


def test_the_outcome_is_what_the_verdict_says() -> None:
    records = [C.raw_record(), C.sighting_record(verdict="unchanged", enrich=False)]
    assert Folded([*records, C.outcome_record("unchanged", stage="dedupe")]).kinds() == {}
    wrong = C.outcome_record("duplicate", stage="dedupe")
    assert Folded([*records, wrong]).kinds() == {"outcome_not_verdict": [C.item_id]}


def test_one_exact_text_has_one_owner_in_a_lane() -> None:
    thief = Case("thief", text=A.text)
    folded = Folded([*ledger(), *thief.all_records()])
    assert folded.kinds() == {"two_owners": [thief.item_id]}
    assert A.item_id in folded.violations[0].examples[0].detail


def test_an_owner_from_before_the_window_is_none() -> None:
    later = Case("later", text=A.text)
    records = [each for each in later.all_records() if each.topic != topics.SIGHTINGS.name]
    seen = later.sighting_record(judged_record_at="2027-01-24T06:00:01Z", window_start="2026-12-25T06:00:01Z")
    assert Folded([*ledger(), *records, seen]).kinds() == {}


def test_a_text_of_its_own_may_be_enriched_again() -> None:
    """The same words under another title are a revision; an earlier text that comes back owns it, too."""
    retitled = Case("retitled", text=A.text, url=A.url)
    back = Case("back", text=A.text)
    returned = [
        back.raw_record(),
        back.sighting_record(verdict="revision", revision_number=3, reverts_to=1),
        *back.enriched_records(),
        back.outcome_record(),
    ]
    assert retitled.article_id == A.article_id
    assert Folded([*ledger(), *retitled.all_records(), *returned]).kinds() == {}


def test_short_texts_have_no_owner() -> None:
    short = [
        each.sighting_record(fingerprints={"words": 3, "exact": None})
        for each in (Case("s1", text="one"), Case("s2", text="one"))
    ]
    assert "two_owners" not in Folded(short).kinds()


# -- enriched events and their parts ----------------------------------------------------------------------------


def test_what_is_to_be_enriched_is_enriched() -> None:
    records = [C.raw_record(), C.sighting_record(), C.outcome_record()]
    assert Folded(records).kinds() == {"not_enriched": [C.item_id]}


def test_of_a_text_that_came_back_compaction_keeps_the_newest_enriched_event() -> None:
    """The revision has one key: the second enriched event replaces the first, after a week."""
    first, second = Case("back", fetched_at="2026-11-24T01:00:00Z"), Case("back")
    assert first.revision_id == second.revision_id
    assert first.item_id != second.item_id
    records = [
        first.raw_record(),
        first.sighting_record(),
        first.outcome_record(),
        second.raw_record(),
        second.sighting_record(verdict="revision", revision_number=3, reverts_to=1),
        *second.enriched_records(),
        second.outcome_record(),
    ]
    assert Folded(records).kinds() == {"not_enriched": [first.item_id]}
    assert Folded(records, now_s=NOW_S + WEEK_S).kinds() == {}


def test_an_enriched_event_that_no_verdict_asked_for() -> None:
    extra = COPY.enriched_records()
    assert Folded([*ledger(), *extra]).kinds() == {"enriched_unasked": [COPY.item_id]}
    other = ids.revision_id(A.article_id, "other")
    made = A.enriched(revision_id=other, enrichment_id=ids.enrichment_id(other, "quotes", "1", ""))
    records = [A.raw_record(), A.sighting_record(), *A.enriched_records(made), A.outcome_record()]
    assert Folded(records).kinds() == {"enriched_unasked": [A.item_id]}


def test_one_attempt_is_enriched_once_by_one_extractor() -> None:
    other = ids.enrichment_id(A.revision_id, "quotes", "1", "drifting")
    again = A.enriched(enrichment_id=other)
    assert Folded([*ledger(), *A.enriched_records(again)]).kinds() == {"two_enrichments": [A.item_id]}
    newer = msgspec.structs.replace(again, enricher=msgspec.structs.replace(again.enricher, version="2"))
    assert Folded([*ledger(), *A.enriched_records(newer)]).kinds() == {}


def test_claim_ids_are_the_ids_of_the_claims() -> None:
    short = A.enriched(claim_ids=[])
    records = [A.raw_record(), A.sighting_record(), *A.enriched_records(short), A.outcome_record()]
    assert Folded(records).kinds() == {"claim_ids_differ": [A.item_id]}


@pytest.mark.parametrize("topic", [topics.CLAIMS, topics.ENTITIES], ids=lambda topic: topic.name)
def test_every_part_has_an_event_of_its_own(topic: topics.Topic) -> None:
    assert Folded(without(topic, A)).kinds() == {"part_missing": [A.item_id]}
    assert Folded(without(topic, A), under_way=[A.unique_record()]).kinds() == {}


@pytest.mark.parametrize("topic", [topics.CLAIMS, topics.ENTITIES], ids=lambda topic: topic.name)
def test_a_part_belongs_to_an_enriched_event(topic: topics.Topic) -> None:
    (stray,) = (each for each in C.enriched_records() if each.topic == topic.name)
    folded = Folded([*ledger(), stray])
    assert set(folded.kinds()) == {"part_foreign"}
    assert Folded([*ledger(), stray], report_from_ms=2_000_000_000_000).kinds() == {}, "too old to tell"


def test_a_part_of_another_event_id_is_foreign_and_the_right_one_missing() -> None:
    records = [
        with_header(each, "ce_id", ids.part_event_id(A.item_id, "x"))
        if each.topic == topics.CLAIMS.name
        else each
        for each in A.all_records()
    ]
    assert set(Folded(records).kinds()) == {"part_foreign", "part_missing"}


def test_a_claims_own_event_is_what_the_enriched_event_holds() -> None:
    changed = [
        with_value(each, certainty="possible") if each.topic == topics.CLAIMS.name else each
        for each in A.all_records()
    ]
    assert Folded(changed).kinds() == {"event_differs": [A.item_id]}


def test_an_enriched_event_that_changes_on_redelivery() -> None:
    (whole, *_) = A.enriched_records()
    assert Folded([*ledger(), with_value(whole, story_id=A.item_id)]).kinds() == {
        "event_differs": [A.item_id]
    }


@pytest.mark.parametrize(
    ("start", "end", "exact"),
    [(1, 27, None), (0, 3, "PORTS"), (-4, 0, ""), (0, 0, ""), (5, 10**6, "x"), (3, 2, "")],
)
def test_every_span_reproduces_the_text(start: int, end: int, exact: str | None) -> None:
    claim = A.claim()
    wrong = {"field": "text", "start": start, "end": end, "exact": exact or claim.content[0].exact}
    made = A.enriched()
    claims = [msgspec.to_builtins(claim) | {"hedges": [wrong]}]
    whole, *parts = A.enriched_records()
    spoilt = with_value(whole, claims=claims)
    parts = [with_value(e, hedges=[wrong]) if e.topic == topics.CLAIMS.name else e for e in parts]
    assert made.claims
    found = Folded([A.raw_record(), A.sighting_record(), spoilt, *parts, A.outcome_record()])
    assert found.kinds() == {"span_differs": [A.item_id]}
    assert "claims[0].hedges[0]" in found.violations[0].examples[0].detail


def test_spans_are_found_wherever_they_stand_and_in_the_field_they_name() -> None:
    whole, *parts = A.enriched_records()
    title = {"field": "title", "start": 0, "end": 6, "exact": "Strike"}
    for field, wrong in (
        ("dateline", title | {"field": "text"}),
        ("credits", [title | {"field": "subtitle"}]),
    ):
        records = [A.raw_record(), A.sighting_record(), with_value(whole, **{field: wrong}), *parts]
        assert set(Folded([*records, A.outcome_record()]).kinds()) == {"span_differs"}
    good = [A.raw_record(), A.sighting_record(), with_value(whole, credits=[title]), *parts]
    assert Folded([*good, A.outcome_record()]).kinds() == {}


def test_offsets_count_code_points() -> None:
    case = Case("astral", text="🚢🚢 The harbour strike is over, Ana Quill said. 🚢")
    assert Folded(case.all_records()).kinds() == {}


def test_the_hash_of_the_text_is_that_of_the_text() -> None:
    records = A.enriched_records(A.enriched(text_sha256=ids.sha256_hex("other")))
    found = Folded([A.raw_record(), A.sighting_record(), *records, A.outcome_record()]).kinds()
    assert found == {"text_differs": [A.item_id]}


# -- the wire ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [topics.OUTCOMES, topics.SIGHTINGS, topics.ENRICHED], ids=lambda t: t.name)
def test_event_ids_and_keys_are_what_the_contents_give(topic: topics.Topic) -> None:
    def spoilt(change: str) -> dict[str, list[str]]:
        return Folded(
            [
                each
                if each.topic != topic.name
                else with_header(each, "ce_id", C.item_id)
                if change == "id"
                else msgspec.structs.replace(each, key=b"another")
                for each in A.all_records()
            ]
        ).kinds()

    assert spoilt("id") == {"wrong_event_id": [A.item_id]}
    assert spoilt("key") == {"wrong_key": [A.item_id]}


@pytest.mark.parametrize(
    "topic", [topics.OUTCOMES, topics.SIGHTINGS, topics.ENRICHED, topics.DEAD_LETTER], ids=lambda t: t.name
)
def test_a_record_of_ours_that_cannot_be_read_is_reported_and_the_rest_is_read(topic: topics.Topic) -> None:
    broken = WireRecord(topic=topic.name, key=b"k", value=b'{"item_id": "', headers=[])
    assert set(Folded([broken, *ledger()]).kinds()) == {"undecodable"}


def test_a_compaction_marker_among_enriched_events_says_nothing() -> None:
    gone = WireRecord(topic=topics.ENRICHED.name, key=A.revision_id.encode(), value=None)
    assert Folded([*ledger(), gone]).kinds() == {}


def test_violations_are_all_counted_and_the_first_are_named() -> None:
    lost = [Case(f"lost {number}").raw_record() for number in range(9)]
    (found,) = Folded([*ledger(), *lost], examples=4).violations
    assert (found.kind, found.count, len(found.examples)) == ("no_outcome", 9, 4)
    assert found.meaning == KINDS["no_outcome"]


def test_canaries_are_counted_apart() -> None:
    record = event(topics.RAW, msgspec.structs.replace(C.item(), synthetic=True), id=C.item_id, key=C.url)
    folded = Folded(
        [*A.all_records(), record, C.outcome_record("rejected", stage="normalize", reason="empty")]
    )
    assert (folded.counts.items, folded.counts.live, folded.counts.synthetic) == (1, 1, 1)
    assert folded.counts.outcomes == {"enriched": 1}
    assert folded.counts.lost == {}


def test_a_canary_that_is_lost_is_lost() -> None:
    one = Case("canary")
    record = event(topics.RAW, msgspec.structs.replace(one.item(), synthetic=True), id=one.item_id, key="k")
    folded = Folded([*ledger(), record])
    assert folded.counts.lost == {"live": 1}
    assert list(folded.kinds()) == ["no_outcome"]
