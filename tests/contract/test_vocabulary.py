"""Closed lists are closed for writers, open for readers."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.base import Span
from schemas.json_schema import STRUCTS, schema
from schemas.vocabulary import CLOSED_LISTS, closed_list_of, known
from tests.support.contracts import objects

LISTS = pytest.mark.parametrize("name", CLOSED_LISTS)


@LISTS
def test_known_values_are_read_as_they_are(name: str) -> None:
    assert [known(value, name) for value in CLOSED_LISTS[name]] == list(CLOSED_LISTS[name])


@LISTS
@given(value=st.text())
def test_unknown_values_are_read_as_other(name: str, value: str) -> None:
    assert known(value, name) == (value if value in CLOSED_LISTS[name] else "other")


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        known("x", "NoSuchList")


@LISTS
def test_values_are_unique_words(name: str) -> None:
    values = CLOSED_LISTS[name]
    assert len(set(values)) == len(values)
    assert all(value == value.lower() and " " not in value for value in values)


@LISTS
def test_every_list_is_used_by_some_contract_and_closed_for_its_writers(name: str) -> None:
    used = 0
    for contract in STRUCTS:
        for _, node in objects({k: v for k, v in schema(contract, "writer").items() if k != "examples"}):
            if node.get("x-closed-list") == name:
                used += 1
                assert node["enum"] == list(CLOSED_LISTS[name])
        for _, node in objects({k: v for k, v in schema(contract, "reader").items() if k != "examples"}):
            if node.get("x-closed-list") == name:
                assert node["x-extensible-enum"] == list(CLOSED_LISTS[name])
                assert "enum" not in node
    assert used


def test_an_unknown_value_decodes() -> None:
    span = msgspec.json.decode(b'{"field": "caption", "start": 0, "end": 1, "exact": "x"}', type=Span)
    assert known(span.field, "FieldName") == "other"


def test_a_fields_closed_list_can_be_told_from_its_metadata() -> None:
    fields = {field.name: field.type for field in msgspec.inspect.type_info(Article).fields}  # type: ignore[attr-defined]
    assert closed_list_of(fields["form"]) == "Form"
    assert closed_list_of(fields["item_id"]) is None
    assert closed_list_of(object()) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Certainty", "certain probable possible uncommitted n/a"),
        ("Polarity", "affirmed denied unknown"),
        ("Stance", "neutral distancing endorsing"),
        ("Force", "assertion directive commissive question evaluation"),
        ("ClaimKind", "direct mixed indirect"),
        ("ChainRelation", "says reports cites"),
        ("PubStatus", "usable withheld canceled"),
        ("AnalysisState", "done unsupported_language partial failed"),
        ("RelationKind", "identical near_copy excerpt_of contains"),
        (
            "OutcomeName",
            "enriched unchanged revision reextracted duplicate near_duplicate withdrawn rejected dead_letter",
        ),
    ],
)
def test_values_that_were_published_stay(name: str, values: str) -> None:
    assert set(values.split()) <= set(CLOSED_LISTS[name])
