"""How much of what attributes the table of cues has."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation.cue_section import coverage_table, cue_section, marked_cue
from bench.evaluation.samples import AbsentError
from bench.scoring.claims import Attribution
from tests.support.require import require_shared


def rows(markdown: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")]
    return {line[0]: line[1:] for line in lines}


def said(cue: str) -> Attribution:
    return Attribution(content=(), cue=((4, 4 + len(cue)),) if cue else ())


def test_cues_are_counted_by_place_and_by_wording() -> None:
    cues = ["said", "SAID", "frobbed", "did not deny", ""]
    documents = [[marked_cue(f"She {cue} it.", said(cue)) for cue in cues]]
    assert rows(coverage_table({"ours": documents}))["ours"] == ["4", "75.0", "3", "66.7"]


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_the_table_has_nearly_all_that_readers_marked() -> None:
    table = rows(cue_section(require_shared("polnear").parent).body)
    for name in ("BBC and Reuters, training", "PolNeAR, train"):
        assert float(table[name][1].split()[0]) > 90
    assert float(table["certainty"][1].split()[0]) > 75


def test_without_the_texts_there_is_no_section(tmp_path: Path) -> None:
    with pytest.raises(AbsentError):
        cue_section(tmp_path / "absent")
