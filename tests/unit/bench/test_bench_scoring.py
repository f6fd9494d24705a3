"""Claims are matched as the shared scorer matches them, and figures are what can be counted by hand."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.scoring.claims import THRESHOLDS, Attribution, Overlap, count, matched
from bench.scoring.figures import (
    Estimate,
    bootstrapped,
    calibration_error,
    calibration_noise,
    kappa,
    macro_f1,
    majority,
    pooled,
    pooled_pairs,
    share,
    share_equal,
)
from tests.support.require import require_shared, shared_data


def test_the_best_pairs_are_matched_first_and_once() -> None:
    pairs = [Overlap(0.9, 0, 1), Overlap(0.8, 0, 0), Overlap(0.7, 1, 1), Overlap(0.5, 1, 0)]
    assert matched(pairs, 0.5) == [(0, 1), (1, 0)]
    assert matched(pairs, 0.6) == [(0, 1)]


def test_only_contents_with_words_count() -> None:
    text = '"Yes," he said. He declined to comment.'
    gold = [Attribution(content=((0, 6),), cue=((10, 14),)), Attribution(content=(), cue=((19, 27),))]
    guess = [Attribution(content=((1, 4),), cue=((7, 14),)), Attribution(content=((14, 15),))]
    counts = count(text, gold, guess)
    assert (counts["gold"], counts["guess"], counts["tp@1.0"]) == (1, 1, 1)
    assert (counts["of_cue@0.5"], counts["cue@0.5"], counts["of_source@0.5"]) == (1, 1, 0)


def test_kappa_is_that_of_the_textbook() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: 0.70 agree, 0.50 by chance
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(Counter(pairs)) == pytest.approx(0.4)
    assert share_equal(Counter(pairs)) == pytest.approx(0.7)
    assert kappa({("y", "y"): 3}) is None
    assert kappa({}) is None


def test_macro_f1_weighs_rare_classes_as_much_as_common_ones() -> None:
    tally = {("a", "a"): 3, ("b", "a"): 1}
    assert macro_f1(tally) == pytest.approx((6 / 7 + 0) / 2)
    assert majority(tally) == tally
    assert macro_f1({}) is None


def test_calibration_error_is_how_far_confidence_lies_from_accuracy() -> None:
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == pytest.approx(0)
    assert calibration_error([(1.0, False), (0.05, False)]) == pytest.approx((1 + 0.05) / 2)
    assert calibration_error([]) is None


def test_so_few_claims_are_off_a_perfect_confidence_by_chance() -> None:
    assert calibration_noise([1.0, 0.0, 1.0]) == 0
    # One claim is off by .25 three times of four, and by .75 the fourth.
    assert calibration_noise([0.75]) == pytest.approx(0.75 * 0.25 + 0.25 * 0.75, abs=0.03)
    assert calibration_noise([0.75] * 100) < calibration_noise([0.75] * 10)


def test_pairs_that_are_counted_give_what_the_pairs_give() -> None:
    documents = [[("a", "a"), ("b", "a")], [], [("b", "b")] * 3, [("a", "c"), ("b", "b")]]
    for statistic in (macro_f1, share_equal, kappa):
        plain = pooled(documents, lambda pairs, of=statistic: of(Counter(pairs)))
        counted_first = pooled_pairs(documents, statistic)
        assert counted_first.value == pytest.approx(plain.value)
        assert (counted_first.low, counted_first.high) == pytest.approx((plain.low, plain.high))
    assert pooled_pairs([], macro_f1).value is None


def test_intervals_hold_the_value_and_come_the_same_every_time() -> None:
    documents = [[True] * n + [False] * (5 - n) for n in range(6)]
    first = pooled(documents, share)
    assert first == pooled(documents, share)
    assert first.value == 0.5
    assert first.low is not None
    assert first.high is not None
    assert 0.2 < first.low < 0.5 < first.high < 0.8
    assert Estimate(None).text() == "–"
    assert bootstrapped([1.0], sum) == Estimate(1.0)


@pytest.mark.shared
def test_the_shared_scorer_says_the_same(tmp_path: Path) -> None:
    split = few(require_shared("polnear/dev"), tmp_path / "few")
    scorer = shared_data().parent / "scoring" / "claims.py"
    spec = importlib.util.spec_from_file_location("shared_scoring", scorer)
    assert spec is not None
    assert spec.loader is not None
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    draw = random.Random(5)
    predictions, ours = tmp_path / "predictions.jsonl", []
    with predictions.open("w", encoding="utf-8") as file:
        for name, text, events in theirs.read_gold(split):
            guess = [_shaken(draw, event, len(text)) for event in events if draw.random() < 0.8]
            file.write(json.dumps({"doc": name, "claims": guess}) + "\n")
            ours.append(count(text, [_attribution(e) for e in events], [_attribution(g) for g in guess]))
    told = subprocess.run(
        [sys.executable, scorer, split, predictions, "--json"], check=True, capture_output=True
    )
    expected = json.loads(told.stdout)
    totals = {key: sum(one[key] for one in ours) for key in {key for one in ours for key in one}}
    assert (totals["gold"], totals["guess"]) == (expected["gold"], expected["guess"])
    for threshold, row in zip(THRESHOLDS, expected["rows"], strict=True):
        right = totals[f"tp@{threshold}"]
        got = {
            "iou": threshold,
            "P": right / totals["guess"],
            "R": right / totals["gold"],
            "F1": 2 * right / (totals["guess"] + totals["gold"]),
            "source_hit": totals[f"source@{threshold}"] / totals[f"of_source@{threshold}"],
            "R_indirect": totals[f"indirect@{threshold}"] / totals[f"of_indirect@{threshold}"],
            "cue_hit": totals[f"cue@{threshold}"] / totals[f"of_cue@{threshold}"],
        }
        assert got["iou"] == row["iou"]
        assert {k: round(100 * v, 1) for k, v in got.items() if k != "iou"} == {
            k: row[k] for k in got if k != "iou"
        }


def few(split: Path, folder: Path) -> Path:
    """Make a split of some of a split's documents."""
    for kind, pattern in (("text", "*.txt"), ("attributions", "*.ann")):
        (folder / kind).mkdir(parents=True)
        for path in sorted((split / kind).glob(pattern))[:10]:
            (folder / kind / path.name).symlink_to(path)
    return folder


def _shaken(draw: random.Random, event: Any, length: int) -> dict[str, list[list[int]]]:
    """Return an annotation with every piece's ends moved, some of them far."""

    def moved(pieces: list[tuple[int, int]]) -> list[list[int]]:
        shaken = [(s + round(draw.gauss(0, 12)), e + round(draw.gauss(0, 12))) for s, e in pieces]
        return [[max(0, min(s, e)), min(length, max(s, e))] for s, e in shaken]

    return {role: moved(event[role]) for role in ("content", "source", "cue")}


def _attribution(event: Any) -> Attribution:
    return Attribution(**{r: tuple(tuple(piece) for piece in event[r]) for r in ("content", "source", "cue")})
