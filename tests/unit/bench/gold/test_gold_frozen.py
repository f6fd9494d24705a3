"""Half of the gold set stays as it was frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.gold.__main__ import main
from bench.gold.checking import GOLD
from bench.gold.frozen import MANIFEST, changes, freeze, frozen_articles, open_articles
from tests.support.gold import CLAIMS, write_article, write_labels


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    for article in ("a01", "a02", "a03", "a04"):
        write_article(tmp_path, article)
        write_labels(tmp_path, "gold", article=article)
    return tmp_path


def test_the_even_numbered_are_frozen_and_the_others_open(gold: Path) -> None:
    assert frozen_articles(gold) == ["a02", "a04"]
    assert open_articles(gold) == ["a01", "a03"]
    assert freeze(gold) == 4
    assert changes(gold) == []


def test_each_change_of_the_frozen_half_is_told(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    freeze(gold)
    write_labels(gold, "gold", claims=CLAIMS[:2], article="a02")
    write_labels(gold, "gold", claims=CLAIMS[:2], article="a03")
    (gold / "articles" / "a04.txt").unlink()
    write_article(gold, "a06")
    assert main(["--root", str(gold), "check-frozen"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "articles/a06.txt is not held",
        "labels/gold/a06.yaml is not held",
        "articles/a04.txt is missing",
        "labels/gold/a02.yaml has changed",
        "the frozen half: 4 changes",
    ]


def test_nothing_is_frozen_twice_or_unfinished(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_labels(
        gold, "gold", claims=[CLAIMS[0] | {"stance": {"a": "neutral", "b": "endorsing"}}], article="a04"
    )
    assert main(["--root", str(gold), "freeze"]) == 1
    assert "labels/gold/a04.yaml c1: Expected `str`, got `object`" in capsys.readouterr().err
    assert not (gold / MANIFEST).exists()
    write_labels(gold, "gold", article="a04")
    assert main(["--root", str(gold), "freeze"]) == 0
    assert main(["--root", str(gold), "freeze"]) == 1


@pytest.mark.skipif(not (GOLD / MANIFEST).exists(), reason="the gold set is not frozen yet")
def test_the_project_s_frozen_half_is_as_it_was() -> None:
    assert changes() == []
