"""Which events a filter lets through."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from newswire.ledger.selection import Selection
from schemas import topics
from schemas.wire import WireRecord
from tests.support.ledger import Case, laid, with_value

A = Case("a")
WHOLE, CLAIM, ENTITY = A.enriched_records()
RAW, ARTICLE, SIGHTING, UNIQUE = A.raw_record(), A.article_record(), A.sighting_record(), A.unique_record()
OUTCOME = A.outcome_record()


def meets(record: WireRecord, **wanted: Any) -> bool:
    (placed,) = laid([record])
    return Selection(**wanted).meets(placed)


@pytest.mark.parametrize("record", [WHOLE, CLAIM, ENTITY])
def test_enriched_events_are_found_by_the_names_in_them(record: WireRecord) -> None:
    assert meets(record, entity="ana quill")
    assert meets(record, entity="Quill")
    assert not meets(record, entity="harbour")


@pytest.mark.parametrize("record", [RAW, ARTICLE, SIGHTING, UNIQUE])
def test_before_enrichment_the_title_is_searched(record: WireRecord) -> None:
    assert meets(record, entity="ship A")
    assert not meets(record, entity="Okafor")


def test_outcomes_name_nobody() -> None:
    assert not meets(OUTCOME, entity="a")


def test_text_is_searched_where_no_names_were_found_yet() -> None:
    assert meets(ARTICLE, entity="pilots")


@pytest.mark.parametrize("record", [RAW, ARTICLE, SIGHTING, UNIQUE, WHOLE, OUTCOME])
def test_sources_by_their_id(record: WireRecord) -> None:
    assert meets(record, source="files:ledger")
    assert not meets(record, source="files:led")


@pytest.mark.parametrize("record", [ARTICLE, SIGHTING, UNIQUE, WHOLE, CLAIM])
def test_sources_by_their_outlet(record: WireRecord) -> None:
    assert meets(record, source="Merrin courier")
    assert meets(record, source="merrin.example")


def test_an_entitys_outlet_is_that_of_its_link() -> None:
    assert meets(ENTITY, source="merrin.example")
    assert not meets(with_value(ENTITY, url=None), source="merrin.example")


@pytest.mark.parametrize("record", [RAW, ARTICLE, UNIQUE, WHOLE, CLAIM, ENTITY])
def test_languages_with_their_regions(record: WireRecord) -> None:
    assert meets(record, language="en")
    assert meets(record, language="EN")
    assert not meets(record, language="de")
    if record is CLAIM:
        assert meets(with_value(record, language="en-GB"), language="en")
        assert not meets(with_value(record, language="en"), language="en-GB")
        assert not meets(with_value(record, language="eng"), language="en")


def test_events_without_a_language_are_in_none() -> None:
    assert not meets(OUTCOME, language="en")


@pytest.mark.parametrize("record", [RAW, ARTICLE, SIGHTING, UNIQUE, WHOLE, CLAIM, ENTITY, OUTCOME])
def test_lanes(record: WireRecord) -> None:
    assert meets(record, lane="live")
    assert not meets(record, lane="backfill")


def test_all_conditions_must_hold() -> None:
    assert meets(CLAIM, entity="Quill", source="merrin.example", language="en", lane="live")
    assert not meets(CLAIM, entity="Quill", source="merrin.example", language="de", lane="live")


def test_without_conditions_everything_is_shown_also_what_does_not_decode() -> None:
    broken = WireRecord(topic=topics.CLAIMS.name, key=b"k", value=b"{")
    assert meets(broken)
    assert not meets(broken, entity="x")


@pytest.mark.parametrize("record", [RAW, ARTICLE, SIGHTING, WHOLE, CLAIM, ENTITY, OUTCOME])
def test_canaries_are_left_out_unless_they_are_wanted(record: WireRecord) -> None:
    canary = with_value(record, synthetic=True)
    assert meets(record)
    assert not meets(canary)
    assert not meets(canary, lane="live")
    assert meets(canary, canaries=True)
    assert meets(canary, canaries=True, lane="live")
    assert not meets(canary, canaries=True, lane="backfill")
    (broken,) = laid([msgspec.structs.replace(record, value=b"{")])
    assert Selection().meets(broken), "what does not decode is no canary's"
