from __future__ import annotations

import pytest

from streams.enrich.drafts import Evidence, Range
from streams.tagger.attributions import Attribution
from streams.tagger.names import Name
from streams.tagger.tagger import Tagged
from streams.tagger.training.documents import Document, Named
from streams.tagger.training.scoring import score_claims, score_names
from tests.support.require import require_shared

TEXT = "Ada Quill said that the bridge to Norland is open, and everybody in the town was glad of it.\n"
STANDOFF = (
    "T1\tSource 0 9\tAda Quill\nT2\tCue 10 14\tsaid\nT3\tContent 20 49\tthe bridge to Norland is open\n"
    "T4\tAttribution 10 14\tsaid\nE1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
)


class Fixed:
    """Says the same of every text, and remembers the texts."""

    def __init__(self, *found: Attribution, names: tuple[Name, ...] = ()) -> None:
        self._tagged = Tagged(list(found), [], list(names), [])
        self.texts: list[str] = []

    def tag(self, text: str) -> Tagged:
        self.texts.append(text)
        return self._tagged


@pytest.fixture
def split(tmp_path):
    for folder in ("text", "attributions"):
        (tmp_path / folder).mkdir()
    (tmp_path / "text" / "one.txt").write_text(TEXT * 4, "utf-8")
    (tmp_path / "attributions" / "one_a.ann").write_text(STANDOFF, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("source", "hit"), [(Range(0, 9), 100.0), (None, 0.0)])
def test_claims_are_scored_as_they_stand(split, tmp_path, source: Range | None, hit: float) -> None:
    scorer = require_shared("polnear").parents[1] / "scoring" / "claims.py"
    right = Attribution([Range(20, 49)], Range(10, 14), source, Evidence(1, 1, 1, 1, 1))
    rows, speed = score_claims(Fixed(right), split, scorer, tmp_path)
    assert rows[0.8]["F1"] == 100.0
    assert rows[0.5]["source_hit"] == hit
    assert rows[0.5]["cue_hit"] == 100.0
    assert speed > 0


def test_a_wrapped_text_is_joined_before_it_is_tagged(split, tmp_path) -> None:
    scorer = require_shared("polnear").parents[1] / "scoring" / "claims.py"
    tagger = Fixed()
    score_claims(tagger, split, scorer, tmp_path, 65)
    assert [len(text) for text in tagger.texts] == [4 * len(TEXT)]
    assert TEXT.strip() in tagger.texts[0]


def test_names_count_where_span_and_type_are_right() -> None:
    gold = (Named(Range(0, 9), "person"), Named(Range(34, 41), "place"))
    found = (Name(Range(0, 9), "person"), Name(Range(34, 41), "organisation"), Name(Range(4, 9), "person"))
    scores = score_names(Fixed(names=found), [Document(name="1", text=TEXT, names=gold)])
    assert scores["all"] == pytest.approx((100 / 3, 50.0, 40.0))
    assert scores["person"] == pytest.approx((50.0, 100.0, 200 / 3))
    assert scores["place"] == (0.0, 0.0, 0.0)
