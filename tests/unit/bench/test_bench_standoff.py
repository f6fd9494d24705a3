"""Labels without a word of their texts: written, read back, and refused where the text is another."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.gold.labels import ClaimLabel
from bench.gold.placing import Placed, PlacedClaim, Span
from bench.gold.standoff import StandoffText, read_standoff, standoff_of, text_of
from tests.support.gold import PLAIN
from tests.support.require import require_shared

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
STANDOFF, TRAINING = SEEDS / "standoff", SEEDS / "training"
TEXT = "Mr Ode said Ana Ruiz denied it."


def label(id: str, **fields: object) -> ClaimLabel:
    return msgspec.convert({"id": id, "content": ["x"], **PLAIN, **fields}, ClaimLabel)


@pytest.fixture
def labels() -> StandoffText:
    outer = PlacedClaim(label("c1", originator="Ode"), (Span(12, 30),), (Span(7, 11),), (Span(0, 6),))
    inner = PlacedClaim(label("c2", parent="c1"), (Span(28, 30),), (Span(21, 27),), (Span(12, 20),))
    return standoff_of(Placed("t", TEXT, (outer, inner), ()), "t.txt", None)


def test_not_a_word_of_the_text_is_kept(labels: StandoffText):
    written = msgspec.json.encode(labels).decode()
    assert not any(word in written for word in ("Ode", "Ruiz", "denied it"))
    assert labels.claims[0].originator == (3, 6)
    assert labels.claims[1].parent == 0


def test_a_name_may_stand_over_the_end_of_a_line():
    text = "Then Ana\n    Ruiz spoke. Ana Ruiz left."
    claim = PlacedClaim(label("c1", originator="Ana Ruiz"), (), (Span(18, 23),), ())
    assert standoff_of(Placed("t", text, (claim,), ()), "t.txt", None).claims[0].originator == (5, 17)


def test_what_was_written_is_read(labels: StandoffText, tmp_path: Path):
    file = tmp_path / "labels.jsonl"
    file.write_bytes(msgspec.json.encode(labels) + b"\n")
    (tmp_path / "t.txt").write_text(TEXT, encoding="utf-8")
    assert read_standoff(file) == [labels]
    assert text_of(labels, tmp_path) == TEXT


def test_another_text_is_refused(labels: StandoffText, tmp_path: Path):
    (tmp_path / "t.txt").write_text(TEXT + "!", encoding="utf-8")
    with pytest.raises(ValueError, match="another text"):
        text_of(labels, tmp_path)


def check_all(file: Path, data: Path) -> None:
    for labels in read_standoff(file):
        text = text_of(labels, data)
        for claim in labels.claims:
            for start, end in (*claim.content, *claim.cue, *claim.source):
                assert text[start:end].strip() == text[start:end] != ""
            if claim.parent is not None:
                assert labels.claims[claim.parent].content


@pytest.mark.shared
@pytest.mark.parametrize("file", sorted(STANDOFF.glob("*.jsonl")), ids=lambda file: file.stem)
def test_every_label_lies_in_its_text(file: Path):
    check_all(file, require_shared("bbc-news").parent)


def test_every_label_of_our_own_articles_lies_in_its_text():
    check_all(TRAINING / "labels.jsonl", TRAINING)
    labelled = {one.file for one in read_standoff(TRAINING / "labels.jsonl")}
    assert labelled == {f"articles/{path.name}" for path in (TRAINING / "articles").iterdir()}
