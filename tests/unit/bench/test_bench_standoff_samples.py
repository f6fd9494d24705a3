"""Labels of others' texts are read as what can be scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation.samples import AbsentError
from bench.evaluation.standoff_samples import is_wire, standoff_claim, standoff_samples
from bench.gold.standoff import StandoffClaim, StandoffEntity, StandoffText
from tests.support.require import require_shared

TEXT = "Ana Ruiz and Trade\nWatch denied it. Ode said so."
LABELS = StandoffText(
    file="t.txt",
    sha256="",
    entities=[
        StandoffEntity(type="person", mentions=[(0, 8)]),
        StandoffEntity(type="organisation", mentions=[(13, 24)]),
    ],
)
SOURCES = [(0, 8), (13, 24)]


@pytest.mark.parametrize(
    ("claim", "originators"),
    [
        (StandoffClaim(source=[(36, 39)], originator=(36, 39)), ("Ode",)),
        (
            StandoffClaim(source=SOURCES, attributes={"source_type": "named_person"}),
            ("Ana Ruiz", "Trade Watch"),
        ),
        (StandoffClaim(source=SOURCES, attributes={"source_type": "role"}), ()),
        (StandoffClaim(source=[(36, 39)], attributes={"source_type": "named_person"}), ()),
    ],
)
def test_who_is_named(claim: StandoffClaim, originators: tuple[str, ...]) -> None:
    assert standoff_claim(claim, LABELS, TEXT).originators == originators


def test_a_claim_keeps_its_pieces_and_where_it_stands() -> None:
    claim = StandoffClaim(content=[(32, 34)], cue=[(25, 31)], parent=0, attributes={"force": "assertion"})
    read = standoff_claim(claim, LABELS, TEXT)
    assert (read.content, read.cue, read.source, read.nested) == (((32, 34),), ((25, 31),), (), True)
    assert read.values == {"force": "assertion"}


def test_texts_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="shared data bbc-news and reuters21578 is absent"):
        standoff_samples(tmp_path)


@pytest.mark.shared
def test_the_texts_to_evaluate_with_are_read() -> None:
    samples = standoff_samples(require_shared("bbc-news").parent)
    claims = [claim for sample in samples for claim in sample.claims or ()]
    assert len({sample.name for sample in samples}) == len(samples) == 24
    assert sum(map(is_wire, samples)) == 12
    assert (len(claims), sum(claim.nested for claim in claims)) == (249, 55)
    assert all(sample.mentions for sample in samples)
