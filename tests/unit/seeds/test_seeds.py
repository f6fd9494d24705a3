"""The sample articles show what their README says they show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.links import canonical_link, registrable_domain
from streams.fingerprints import fingerprint, jaccard, shingle_array
from tests.support.require import ROOT

FOLDER = ROOT / "seeds" / "articles"
README = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")


def whole_lines() -> list[dict[str, Any]]:
    found = []
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            try:
                item = json.loads(line)
            except ValueError:
                assert file.name == "13-broken-lines.jsonl"
                continue
            if isinstance(item, dict):
                found.append(item)
    return found


ITEMS = {item["id"]: item for item in whole_lines()}


def alike(one: str, two: str) -> float:
    sketches = [fingerprint(ITEMS[name]["text"]).sketch for name in (one, two)]
    assert sketches[0] is not None
    assert sketches[1] is not None
    return jaccard(shingle_array(sketches[0]), shingle_array(sketches[1]))


def test_there_are_as_many_as_the_readme_says() -> None:
    lines = sum(len(file.read_bytes().splitlines()) for file in FOLDER.glob("*.jsonl"))
    others = [*FOLDER.glob("*.txt"), *FOLDER.glob("*.html")]
    assert lines + len(others) == 42
    assert len(list(FOLDER.iterdir())) == len(others) + len(list(FOLDER.glob("*.jsonl")))


def test_each_has_its_line_in_the_readme() -> None:
    for file in FOLDER.iterdir():
        assert f"`{file.name}`" in README
    for name in ITEMS:
        assert f"| `{name}`" in README


@pytest.mark.parametrize("name", [name for name, item in ITEMS.items() if "text" in item])
def test_texts_are_short_and_their_links_are_of_invented_outlets(name: str) -> None:
    item = ITEMS[name]
    words = fingerprint(item["text"]).words
    assert words <= 250
    assert words >= 60 or name == "flash"
    link = canonical_link(item["url"])
    assert link is not None
    assert str(registrable_domain(link)).endswith(".example")


def test_copies_are_copies() -> None:
    exact = {name: fingerprint(item["text"]).exact for name, item in ITEMS.items() if "text" in item}
    assert exact["wire"] == exact["wire-copy-1"] == exact["wire-copy-2"] is not None
    assert exact["libraries-1"] == exact["libraries-3"] == exact["libraries-again"] != exact["libraries-2"]
    for near in ("wire-other-number", "wire-added-quote", "wire-nothing-new"):
        assert exact[near] != exact["wire"]
        assert 0.7 <= alike("wire", near) < 1


def test_copies_stand_at_other_addresses_and_revisions_at_one() -> None:
    copies = {canonical_link(item["url"]) for name, item in ITEMS.items() if name.startswith("wire")}
    assert len(copies) == 6
    for story in ("libraries", "hollin", "seals"):
        addresses = {canonical_link(item["url"]) for name, item in ITEMS.items() if name.startswith(story)}
        assert len(addresses) == 1, story


def test_nothing_else_is_alike() -> None:
    names = [name for name, item in ITEMS.items() if len(item.get("text", "").split()) >= 40]
    stories = {name: name.partition("-")[0] for name in names}
    for index, one in enumerate(names):
        for two in names[:index]:
            if stories[one] != stories[two]:
                assert alike(one, two) < 0.1, (one, two)


def test_the_copy_with_nothing_new_has_the_same_numbers_names_and_negations() -> None:
    wire, near = (fingerprint(ITEMS[name]["text"]).sketch for name in ("wire", "wire-nothing-new"))
    assert wire is not None
    assert near is not None
    assert (wire.numbers, wire.names, wire.negations) == (near.numbers, near.names, near.negations)


def test_broken_ones_are_broken() -> None:
    lines = (FOLDER / "13-broken-lines.jsonl").read_bytes().splitlines()
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[1])
    with pytest.raises(UnicodeDecodeError):
        json.loads(lines[2])
    assert isinstance(json.loads(lines[3]), list)
    with pytest.raises(UnicodeDecodeError):
        (FOLDER / "09-old-encoding.txt").read_bytes().decode()
    assert "Café Zoë" in (FOLDER / "09-old-encoding.txt").read_bytes().decode("cp1252")
    assert not (FOLDER / "10-empty.txt").read_bytes().strip()
