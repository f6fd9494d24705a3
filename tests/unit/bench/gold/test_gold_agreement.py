"""Readers are compared by place, and what they do not agree on cannot be taken for gold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.gold.__main__ import main
from bench.gold.agreement import agreement, compared
from bench.gold.checking import load
from bench.gold.differences import drafted
from tests.support.gold import CLAIMS, ENTITIES, claim, write_article, write_labels

OTHER = [
    CLAIMS[0] | {"id": "x1", "certainty": "probable", "source": ["Ada Quill"]},
    CLAIMS[1] | {"id": "x2", "near": '"We will cross it," she said, "and', "note": "clear"},
    CLAIMS[2] | {"id": "x3", "content": ["that Quill had denied taking bribes"]},
    CLAIMS[3] | {"id": "x4", "parent": "x3"},
    claim(6, content=["Harbour bridge to open in May"], cue=["says"], source=["mayor"], near="mayor says"),
]
"""What the second says: a shorter source, a longer content, nothing of the steel, but of the headline."""


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    write_article(tmp_path)
    write_labels(tmp_path, "a")
    entities = [ENTITIES[0] | {"type": "other"}, ENTITIES[2]]
    write_labels(tmp_path, "b", claims=OTHER, entities=entities)
    return tmp_path


def rows(markdown: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")]
    return {line[0]: line[1:] for line in lines}


def test_agreement_is_what_can_be_counted_by_hand(gold: Path) -> None:
    table = rows(agreement(compared(gold)))
    # four and four outer claims, three of them common, one of the three by five words of six
    assert table["outer claims"] == ["4 / 4", "75.0", "75.0", "75.0", "50.0"]
    assert table["nested claims"] == ["1 / 1", "100.0", "100.0", "100.0", "100.0"]
    assert table["cue"] == ["4", "100.0", "100.0"]
    assert table["source"] == ["4", "100.0", "75.0"]
    assert table["certainty"] == ["4", "75.0", "0.00"]
    assert table["kind"] == ["4", "100.0", "1.00"]
    assert table["force"] == ["4", "100.0", "–"]  # one value alone tells nothing beyond chance
    assert table["span and type"] == ["4 / 3", "28.6"]
    assert table["span"] == ["4 / 3", "85.7"]


def test_more_articles_give_an_interval(gold: Path) -> None:
    write_article(gold, "a02")
    for reader in ("a", "b"):
        write_labels(gold, reader, article="a02")
    table = rows(agreement(compared(gold)))
    assert table["outer claims"][2] == "87.5 (75.0–100.0)"
    assert table == rows(agreement(compared(gold)))


def test_labels_with_errors_are_not_compared(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_labels(gold, "b", claims=[CLAIMS[0] | {"force": "might"}])
    assert main(["--root", str(gold), "agree"]) == 1
    assert "labels/b/a01.yaml c1: force 'might' is none of" in capsys.readouterr().err


def test_a_draft_keeps_what_both_say_and_shows_the_rest(gold: Path) -> None:
    written = drafted("a01", gold)
    assert written.startswith("# to decide: 4 of 6 claims, 2 of 3 entities\n")
    claims: list[dict[str, Any]] = yaml.safe_load(written)["claims"]
    assert [c.get("only") for c in claims] == ["b", None, None, None, None, "a"]
    assert claims[1]["certainty"] == {"a": "certain", "b": "probable"}
    assert claims[1]["source"] == {"a": ["Ada Quill, the mayor of Harbourtown"], "b": ["Ada Quill"]}
    assert claims[1]["near"] == [CLAIMS[0]["near"]]
    expected = CLAIMS[1] | {"id": "c3", "note": "b: clear"}
    assert claims[2] == expected
    assert claims[4] == CLAIMS[3] | {"id": "c5", "parent": "c4"}


def test_a_draft_is_refused_until_all_is_decided(gold: Path) -> None:
    draft = write_labels(gold, "gold")
    draft.write_text(drafted("a01", gold), "utf-8")
    refused = {problem.at for problem in load("a01", "gold", gold)[1] if not problem.warning}
    assert {"c1", "c2", "c4", "c6", "Ada Quill", "Harbourtown"} <= refused
    decided = yaml.safe_load(draft.read_text("utf-8"))
    for item in decided["claims"] + decided["entities"]:
        item.pop("only", None)
        item |= {name: value["a"] for name, value in item.items() if isinstance(value, dict)}
    draft.write_text(yaml.safe_dump(decided), "utf-8")
    assert load("a01", "gold", gold)[1] == []


def test_readers_who_agree_leave_nothing_to_decide(gold: Path) -> None:
    write_labels(gold, "b")
    write_labels(gold, "gold").write_text(drafted("a01", gold), "utf-8")
    assert drafted("a01", gold).startswith("# to decide: 0 of 5 claims, 0 of 3 entities\n")
    assert load("a01", "gold", gold)[1] == []


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_draft_can_be_decided_for_either(gold: Path, side: str) -> None:
    cited = [{"relation": "cites", "source": "The Harbourtown Echo"}]
    write_labels(gold, "a", claims=[*CLAIMS[:3], CLAIMS[3] | {"chain": cited}, CLAIMS[4]])
    decided = yaml.safe_load(drafted("a01", gold))
    for part in ("claims", "entities"):
        decided[part] = [item for item in decided[part] if item.pop("only", side) == side]
        for item in decided[part]:
            item |= {name: value[side] for name, value in item.items() if isinstance(value, dict)}
    write_labels(gold, "gold", claims=decided["claims"], entities=decided["entities"])
    placed, problems = load("a01", "gold", gold)
    assert problems == []
    theirs = load("a01", side, gold)[0]
    assert {c.content for c in placed.claims} == {c.content for c in theirs.claims}
    assert [c.label.chain for c in placed.claims if c.label.chain] == [
        c.label.chain for c in theirs.claims if c.label.chain
    ]


def test_drafts_are_written_to_a_folder(gold: Path, tmp_path: Path) -> None:
    assert main(["--root", str(gold), "differences", "--out", str(tmp_path / "drafts")]) == 0
    assert (tmp_path / "drafts" / "a01.yaml").read_text("utf-8") == drafted("a01", gold)
