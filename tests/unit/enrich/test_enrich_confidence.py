"""How sure a claim is: higher with each part that is surer, and null where nothing was weighed."""

from __future__ import annotations

import pytest

from streams.enrich.confidence import PARTS, confidence_of, features_of
from streams.enrich.drafts import ClaimDraft, Evidence, LinkDraft, Range
from streams.enrich.sources import ResolvedSource

NAMED = [ResolvedSource(type="named_person", name="Ada Quill")]


def draft(evidence: Evidence | None, **link: list[Range]) -> ClaimDraft:
    return ClaimDraft(content=[Range(0, 9)], link=LinkDraft(**link), evidence=evidence)


@pytest.mark.parametrize("nested", [False, True])
def test_what_is_surer_is_never_less_confident(nested: bool) -> None:
    sure, unsure = (
        confidence_of(draft(Evidence(*[p] * 5), cues=[Range(10, 14)]), NAMED, nested=nested, known_cue=True)
        for p in (0.99, 0.4)
    )
    assert sure is not None
    assert unsure is not None
    assert 0 <= unsure < sure <= 1


def test_who_is_named_is_surer_than_who_is_not() -> None:
    evidence = Evidence(*[0.9] * 5)
    link = {"cues": [Range(10, 14)], "sources": [Range(15, 18)]}
    named, unnamed, unresolved = (
        confidence_of(draft(evidence, **link), [source], nested=False, known_cue=True)
        for source in (
            ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Ada Quill"),
            ResolvedSource(spans=[Range(15, 18)], type="role"),
            ResolvedSource(spans=[Range(15, 18)], type="unresolved"),
        )
    )
    assert named is not None
    assert unnamed is not None
    assert unresolved is not None
    assert named > unnamed > unresolved


def test_without_evidence_there_is_no_confidence() -> None:
    assert confidence_of(draft(None), NAMED, nested=False, known_cue=True) is None


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_what_is_certain_has_bounded_odds(probability: float) -> None:
    found = features_of(draft(Evidence(*[probability] * 5)), [], nested=True, known_cue=False)
    assert found is not None
    assert set(found) == set(PARTS)
    assert all(-6 <= value <= 6 for part in PARTS for value in found[part].values())
    assert found["content"]["nested"] == found["content"]["no_cue"] == 1
    assert found["originator"]["no_source"] == 1
    assert found["content"]["unknown_cue"] == 0


def test_others_who_may_be_meant_and_a_name_of_one_word_are_weighed() -> None:
    surname = ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Quill", how="spoke", rivals=7)
    found = features_of(draft(Evidence(*[0.9] * 5)), [surname], nested=False, known_cue=True)
    assert found is not None
    weighed = found["originator"]
    assert (weighed["single"], weighed["rivals"], weighed["body"]) == (1, 3, 0)


@pytest.mark.parametrize(
    ("source", "weighed"),
    [
        (ResolvedSource(spans=[Range(15, 18)], type="role"), {"role", "unnamed"}),
        (ResolvedSource(spans=[Range(15, 18)], type="other"), {"other", "unnamed"}),
        (ResolvedSource(spans=[Range(15, 18)], type="unresolved"), {"unresolved", "unnamed"}),
        (
            ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Ada Quill", how="bearer"),
            {"guessed"},
        ),
        (
            ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Ada Quill", how="spoke"),
            {"spoke"},
        ),
        (ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Ada Quill"), set()),
    ],
)
def test_how_a_source_was_resolved_is_weighed(source: ResolvedSource, weighed: set[str]) -> None:
    found = features_of(draft(Evidence(*[0.9] * 5)), [source], nested=False, known_cue=True)
    assert found is not None
    kinds = {"role", "other", "unresolved", "unnamed", "spoke", "guessed"}
    assert {name for name in kinds if found["originator"][name]} == weighed
