"""What confidence weighs is fitted so that it means what it says."""

from __future__ import annotations

import random

import pytest

from bench.calibration import Group, Judged, fitted
from streams.enrich.confidence import PARTS, features_of
from streams.enrich.drafts import ClaimDraft, Evidence, LinkDraft, Range
from streams.enrich.sources import ResolvedSource
from streams.enrich.tables import read_table

SOURCE = ResolvedSource(spans=[Range(15, 18)], type="named_person", name="Ada Quill")


def claims(group: Group, right: float, chance: random.Random) -> list[Judged]:
    """Make claims whose contents are right as often as their words are sure, and their originators at a rate."""
    made = []
    for _ in range(400):
        sure = chance.choice((0.5, 0.9))
        link = LinkDraft(cues=[Range(10, 14)], sources=[Range(15, 18)])
        draft = ClaimDraft(content=[Range(20, 80)], link=link, evidence=Evidence(0.5, sure, 0.5, 0.5, 0.5))
        features = features_of(draft, [SOURCE], nested=False, known_cue=True)
        assert features is not None
        content = chance.random() < sure
        made.append(Judged("t", group, features, content, content and chance.random() < right, None))
    return made


def test_each_part_means_what_it_says_and_only_the_random_texts_tell_how_much_is_right() -> None:
    chance = random.Random(1)
    weights = fitted(
        [*claims("random", 0.9, chance), *claims("dense", 0.5, chance), *claims("training", 1.0, chance)]
    )
    assert set(weights) == set(PARTS)
    assert weights["content"]["within"] == pytest.approx(1, abs=0.2)
    assert weights["content"]["always"] == pytest.approx(0, abs=0.4)
    # Nine of ten: odds of e^2.2; the other texts' odds of one are their constant's alone.
    assert weights["originator"]["always"] == pytest.approx(2.2, abs=0.5)


def test_the_table_has_all_that_is_weighed() -> None:
    evidence = Evidence(*[0.5] * 5)
    features = features_of(
        ClaimDraft(content=[Range(0, 9)], link=LinkDraft(), evidence=evidence),
        [],
        nested=False,
        known_cue=True,
    )
    assert features is not None
    asked = {(part, name) for part in PARTS for name in features[part]}
    assert {(row["part"], row["feature"]) for row in read_table("confidence")} == asked
