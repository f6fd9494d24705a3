"""Labels are read strictly, and each piece has its place without doubt or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.gold.checking import GOLD, READERS, article_ids, load
from bench.scoring.marks import quoted_kind
from tests.support.gold import ARTICLE, CLAIMS, ENTITIES, claim, write_article, write_labels


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    write_article(tmp_path)
    return tmp_path


def problems(gold: Path, **labels: Any) -> list[str]:
    write_labels(gold, "a", **labels)
    return [str(problem).removeprefix("labels/a/a01.yaml ") for problem in load("a01", "a", gold)[1]]


def test_good_labels_have_their_offsets(gold: Path) -> None:
    write_labels(gold, "a")
    placed, found = load("a01", "a", gold)
    assert found == []
    shown = [[ARTICLE[slice(*span)] for span in c.content + c.cue + c.source] for c in placed.claims]
    assert shown[1] == ['"We will cross it,"', '"and\ncross it back."', "said", "she"]
    assert shown[3] == ["taking bribes", "denied", "Quill"]
    assert placed.claims[0].cue != placed.claims[1].cue
    assert placed.claims[4].source == ()
    mentions = {e.label.name: [ARTICLE[slice(*m)] for m in e.mentions] for e in placed.entities}
    assert mentions == {
        "Ada Quill": ["Ada Quill", "Quill"],
        "Harbourtown": ["Harbourtown"],  # that of the Echo is the Echo's
        "The Harbourtown Echo": ["The Harbourtown Echo"],
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"certainty": "sure"}, "certainty 'sure' is none of certain, probable, possible, uncommitted, n/a"),
        ({"stance": None}, "Expected `str`, got `null` - at `$.stance`"),
        ({"colour": "red"}, "Object contains unknown field `colour`"),
        ({"content": "taking bribes"}, "Expected `array | null`, got `str` - at `$.content`"),
        ({"chain": [{"relation": "hears", "source": "X"}]}, "chain relation 'hears' is none of"),
        ({"chain": [{"relation": "cites", "source": "X"}]}, "'X' of chain or channel occurs nowhere"),
        ({"channel": ["The Harbourtown Echo"]}, ""),
        ({"near": None}, "source «Quill» could stand in 2 places: say near what"),
        ({"near": "Echo reported that Quill had"}, ""),
        ({"near": "The Echo reported"}, "near «The Echo reported» occurs nowhere"),
        ({"content": ["taking bribe"]}, "content «taking bribe» occurs nowhere"),
        ({"content": ["taking Bribes"]}, "occurs nowhere; the text has «taking bribes»"),
        ({"content": ["taking bribes "]}, "begins or ends with a space"),
        ({"content": ["bribes", "taking"]}, "its pieces do not follow each other in the text"),
        ({"content": [], "cue": []}, "neither content nor cue"),
        ({"cue": ["taking"]}, "cue «taking» occurs once, only inside the content"),
        ({"parent": "c9"}, "parent 'c9' is no claim of this article"),
        ({"parent": "c1"}, "its content is not inside that of its parent c1"),
        ({"parent": "c4"}, "parents go round: c4 → c4"),
        ({"kind": "direct"}, ""),  # in the parent's marks, for all that is seen here
        ({"kind": "mixed", "parent": None}, "warning: kind is mixed, by its quotation marks the content is"),
        ({"originator": "Ada Quill and The Harbourtown Echo"}, ""),
        ({"originator": "Bob Reed"}, "warning: originator 'Bob Reed' occurs nowhere in the text"),
    ],
)
def test_what_is_wrong_with_a_claim_is_told(gold: Path, change: dict[str, Any], reason: str) -> None:
    found = problems(gold, claims=[*CLAIMS[:3], CLAIMS[3] | change, CLAIMS[4]])
    assert [line.partition(": ")[0] for line in found] == ["c4"] * bool(reason)
    assert not reason or reason in found[0]


def test_a_missing_attribute_hides_no_other_mistake(gold: Path) -> None:
    first = {name: value for name, value in CLAIMS[0].items() if name != "force"}
    found = problems(gold, claims=[first, CLAIMS[1] | {"source": ["he"]}])
    assert found == ["c1: Object missing required field `force`", "c2: source «he» occurs nowhere"]


def test_ids_and_parents_are_held_over_the_whole_article(gold: Path) -> None:
    found = problems(gold, claims=[CLAIMS[2] | {"parent": "c4"}, CLAIMS[3], CLAIMS[3]])
    assert "c4: two claims have this id" in found
    assert "c3: parents go round: c3 → c4 → c3" in found


def test_one_who_declines_to_comment_needs_no_content(gold: Path) -> None:
    silent = claim(1, content=None, cue=["denied"], source=["Quill"], near="Quill had denied")
    assert problems(gold, claims=[silent]) == []


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"name": "X", "type": "persons", "mentions": ["Ada"]}, "X: type 'persons' is none of person,"),
        ({"name": "X", "type": "person", "mentions": []}, "X: Expected `array` of length >= 1"),
        ({"name": "X", "type": "person", "mentions": ["Bob"]}, "X: mention «Bob» occurs nowhere"),
        ({"name": "X", "type": "person", "mentions": ["Quill"]}, "X: mention «Quill» is also one of Ada"),
        ({"name": "X", "type": "other", "mentions": ["Echo"]}, "X: warning: mention «Echo» occurs only"),
    ],
)
def test_what_is_wrong_with_an_entity_is_told(gold: Path, entity: dict[str, Any], reason: str) -> None:
    found = problems(gold, entities=[*ENTITIES, entity])
    assert len(found) == 1
    assert found[0].startswith(reason)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("article: [", "not YAML: "),
        ("[]", "not a mapping of article, claims and entities"),
        ("article: a02\nclaims: []\nentities: []", "article is 'a02', the file is 'a01'"),
        ("article: a01\nclaims: []", "entities is missing or no list"),
        ("article: a01\nclaims: []\nclaims: []\nentities: []", "line 3: the key 'claims' stands twice"),
        ("article: a01\nclaims: []\nentities: []\nby: me", "unknown field 'by'"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(gold: Path, written: str, reason: str) -> None:
    write_labels(gold, "a").write_text(written, "utf-8")
    (problem,) = load("a01", "a", gold)[1]
    assert problem.reason.startswith(reason)


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        (["it would rain"], "indirect"),
        (['"It will rain,"', '"and soon."'], "direct"),
        (["“It will rain.\n\n“And soon.”"], "direct"),
        (['"It will rain.\n\n"And soon."'], "direct"),
        (["the offer “too little”"], "mixed"),
        (['"It will rain,"', "and soon"], "mixed"),
        (["the workers' rights and don't"], "indirect"),
        (["„Es regnet“"], "direct"),
        (["‘It isn’t the worker’s fault’"], "direct"),
        (["'It isn't a day too late'"], "direct"),
        (['"The workers\' rights matter"'], "direct"),
    ],
)
def test_quotation_marks_tell_the_kind(pieces: list[str], kind: str) -> None:
    text = " he said ".join(pieces)
    ends = [sum(len(piece) + 9 for piece in pieces[:number]) for number in range(len(pieces))]
    spans = tuple((end, end + len(piece)) for end, piece in zip(ends, pieces, strict=True))
    assert quoted_kind(text, spans) == kind


@pytest.mark.parametrize("reader", READERS)
def test_the_project_s_own_labels_are_without_error(reader: str) -> None:
    labelled = [a for a in article_ids() if (GOLD / "labels" / reader / f"{a}.yaml").exists()]
    if not labelled:
        pytest.skip(f"nothing is labelled by {reader} yet")
    assert [str(p) for a in labelled for p in load(a, reader)[1] if not p.warning] == []
