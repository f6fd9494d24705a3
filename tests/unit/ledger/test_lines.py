"""Events as lines: readable, one line, and nothing of a stranger's that a terminal would obey."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from newswire.ledger.claim_words import claim_words
from newswire.ledger.events import as_json
from newswire.ledger.lines import line_of, relation_words
from newswire.ledger.text import clean
from schemas import topics
from schemas.base import Span
from schemas.claim import ClaimSource, Link
from schemas.sighting import Relation
from schemas.source import SourceDefinition, SourceHealth, SourceState
from schemas.wire import WireRecord
from streams.engine.records import Record
from tests.support.ledger import Case, event, laid, with_value

A = Case("a")
COPY = Case("copy", text=A.text)


def line(record: WireRecord, timestamp_ms: int = 0) -> str:
    (placed,) = laid([record], timestamp_ms)
    return "".join(text for text, _style in line_of(placed)).partition("  ")[2].rstrip()


def test_a_claim_is_who_cue_content_certainty_outlet_title() -> None:
    record = A.enriched_records()[1]
    assert line(record) == (
        "Ana Quill — said — The harbour strike is over (certain) · Merrin Courier Strike over, ship a"
    )


def test_quotation_marks_stand_only_around_what_is_quoted() -> None:
    record = A.enriched_records()[1]
    claim = msgspec.json.decode(record.value or b"")
    content = [claim["content"][0] | {"exact": "“The harbour strike is over”"}]
    changes = {"content": content, "certainty": "possible", "polarity": "denied", "stance": "distancing"}
    direct = line(with_value(record, kind="direct", force="question", **changes))
    assert "— “The harbour strike is over” (possible, denied, distancing, question)" in direct
    assert "“" not in line(with_value(record, kind="mixed"))


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([], ("nobody named", "")),
        ([Link(relation="says", cue_class="none")], ("nobody named", "")),
        (
            [
                Link(
                    relation="says",
                    cue_class="state",
                    cue_lemma="say",
                    sources=[ClaimSource(type="anonymous")],
                )
            ],
            ("anonymous", "say"),
        ),
        (
            [
                Link(
                    relation="cites",
                    cue_class="report",
                    sources=[ClaimSource(type="media", name="The Courier")],
                ),
                Link(
                    relation="says",
                    cue_class="state",
                    cues=[Span(field="text", start=0, end=4, exact="said")],
                    sources=[
                        ClaimSource(type="named_person", name="Ana Quill"),
                        ClaimSource(
                            type="role", spans=[Span(field="text", start=9, end=18, exact="her\n deputy")]
                        ),
                    ],
                ),
            ],
            ("The Courier › Ana Quill and her deputy", "said"),
        ),
        (
            [Link(relation="says", cue_class="none", sources=[ClaimSource(type="unresolved")])],
            ("nobody named", ""),
        ),
    ],
)
def test_who_says_it_and_through_whom(chain: list[Link], expected: tuple[str, str]) -> None:
    words = claim_words(msgspec.structs.replace(A.claim(), chain=chain))
    assert (words.who, words.cue) == expected


def test_each_event_has_its_line() -> None:
    whole, _claim, entity = A.enriched_records()
    assert line(A.raw_record()) == "files:ledger  Strike over, ship a  text/plain, 231 chars"
    assert line(A.article_record()) == "Merrin Courier  Strike over, ship a  en, 48 words"
    assert line(A.sighting_record()) == "new → enrich  Strike over, ship a · Merrin Courier"
    assert line(A.unique_record()) == line(A.sighting_record())
    copy = COPY.sighting_record(verdict="duplicate", enrich=False, relations=[A.relation()], flags=["alias"])
    assert line(copy) == (
        "duplicate  Strike over, ship copy · Merrin Courier  identical to merrin.example, alias"
    )
    back = A.sighting_record(verdict="revision", revision_number=3, reverts_to=1)
    assert line(back).startswith("revision 3 back to 1 → enrich")
    assert line(whole) == "Strike over, ship a · Merrin Courier  first 1, 1 claims  Ana Quill"
    assert "analysis failed/done" in line(
        with_value(whole, analysis={"claims": "failed", "entities": "done"})
    )
    assert line(entity) == "person  Ana Quill ×1 · Strike over, ship a"
    ended = A.outcome_record("rejected", stage="normalize", reason="empty", attempt=2)
    assert line(ended) == f"rejected(empty) by normalize attempt 2  {A.item_id}  files:ledger a"


def test_sources_and_their_states_have_lines() -> None:
    definition = SourceDefinition(
        source_id=A.item_id,
        kind="feed",
        url="https://merrin.example/feed",
        name="Merrin",
        enabled=False,
        added_at="2026-11-24T06:00:00Z",
        updated_at="2026-11-24T06:00:00Z",
    )
    record = event(topics.SOURCES, definition, id=A.item_id, key=A.item_id)
    assert line(record) == "feed  Merrin  disabled"
    state = SourceState(
        source_id=A.item_id,
        generation=1,
        worker="w",
        written_at="2026-11-24T06:00:00Z",
        next_poll_at="2026-11-24T06:10:00Z",
        health=SourceHealth(status="blocked", reason="403", since="2026-11-24T06:00:00Z"),
    )
    record = event(topics.SOURCE_STATE, state, id=A.item_id, key=A.item_id)
    assert line(record) == f"blocked  {A.item_id}  403  next poll 2026-11-24T06:10:00Z"


def test_dead_letters_say_why_and_where_from() -> None:
    letter = A.letter(A.raw_record(), (2, 17))
    assert line(letter) == (f"not_json by normalize  {A.item_id}  news.raw.v1/2/17  it does not decode")
    bare = msgspec.structs.replace(letter, headers=[])
    assert line(bare).startswith("no dead letter of ours news.dead-letter.v1/0/0")


def test_what_does_not_decode_is_shown_as_such() -> None:
    broken = WireRecord(topic=topics.CLAIMS.name, key=b"k", value=b"\xff{\x1b[2J")
    assert line(broken) == "does not decode news.claims.v1/0/0 �{ [2J"
    assert line(WireRecord(topic=topics.ENRICHED.name, key=b"k\x1b", value=None)) == "deleted k"


@pytest.mark.parametrize("evil", ["\x1b]0;owned\x07", "a\r\nb", "a\u2028b", "\x9b31m", "\u202eabc", "\x00"])
def test_control_characters_never_reach_the_terminal(evil: str) -> None:
    record = with_value(A.enriched_records()[0], title=f"Title {evil} end")
    shown = line(record)
    assert all(c.isprintable() for c in shown)
    assert "Title" in shown
    assert "end" in shown


def test_long_text_is_cut() -> None:
    assert clean("x" * 500) == "x" * 239 + "…"
    assert clean(None) == ""


def test_times_are_local_with_their_date_where_they_are_old() -> None:
    def shown(timestamp_ms: int) -> str:
        (placed,) = laid([A.raw_record()], timestamp_ms)
        return line_of(placed)[0][0].strip()

    assert len(shown(int(time.time() * 1000))) == len("06:00:00")
    assert len(shown(1_000_000_000_000)) == len("2001-09-09 06:00:00")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"kind": "identical"}, "identical to other.example"),
        ({"kind": "near_copy", "jaccard": 0.834}, "near copy 83% to other.example"),
        (
            {
                "kind": "near_copy",
                "jaccard": 0.8,
                "numbers_changed": ["4", "5"],
                "names_changed": ["Quill"],
                "negation_changed": True,
                "unmatched_sentences": [3],
            },
            "near copy 80% to other.example, differs in numbers 4, 5; names Quill; negation; 1 new sentence",
        ),
    ],
)
def test_relations_in_words(more: dict[str, Any], expected: str) -> None:
    relation = Relation(
        article_id=A.article_id,
        revision_id=A.revision_id,
        item_id=A.item_id,
        publisher="other.example",
        **more,
    )
    assert relation_words(relation) == expected


def test_a_record_as_json_has_all_there_is() -> None:
    (placed,) = laid([A.outcome_record()], 1_795_500_000_123)
    data = as_json(placed)
    assert data["topic"] == "news.outcomes.v1"
    assert data["timestamp"] == "2026-11-24T06:00:00.123Z"
    assert data["headers"]["ce_type"] == "newswire.outcome.v1"
    assert data["value"]["item_id"] == A.item_id
    assert as_json(Record("t", 0, 1, 0, None, b"\xff", (("h", b"\xff"),))) == {
        "topic": "t",
        "partition": 0,
        "offset": 1,
        "timestamp": "1970-01-01T00:00:00.000Z",
        "key": None,
        "headers": {"h": "\\xff"},
        "value_base64": "/w==",
    }
    assert as_json(Record("t", 0, 1, 0, b"k", None))["value"] is None
