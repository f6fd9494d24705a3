"""Labels kept as offsets, as documents to train on."""

from __future__ import annotations

import hashlib
import json

import pytest

from streams.enrich.drafts import Range
from streams.tagger.training.documents import Named
from streams.tagger.training.standoff import read_standoff

TEXT = "French officials said the Tour denied it leaks."


def labels(tmp_path, text: str):
    claims = [
        {"content": [[22, 46]], "cue": [[17, 21]], "source": [[0, 16]]},
        {"content": [[38, 46]], "cue": [[31, 37]], "source": [[22, 30]], "parent": 0},
        {"cue": [[17, 21]]},
    ]
    entities = [
        {"type": "place", "mentions": [[0, 6]]},
        {"type": "event", "mentions": [[26, 30]]},
        {"type": "organisation", "mentions": [[22, 30]]},
    ]
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    line = {"file": "news/1.json", "record": 1, "sha256": sha256, "claims": claims, "entities": entities}
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "1.json").write_text(json.dumps([{"body": ""}, {"body": TEXT}]), "utf-8")
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps(line) + "\n", "utf-8")
    return file


def test_outer_and_nested_claims_names_and_events(tmp_path) -> None:
    (document,) = read_standoff(labels(tmp_path, TEXT), tmp_path)
    assert document.text == TEXT
    assert [one.content for one in document.attributions or ()] == [(Range(22, 46),)]
    assert [one.cue for one in document.nested or ()] == [(Range(31, 37),)]
    # A people is no place by its name, whatever the contract makes of it.
    assert document.names == (Named(Range(22, 30), "organisation"),)
    assert document.events == (Range(26, 30),)


def test_another_text_than_was_labelled_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"news/1.json#1 is another text"):
        read_standoff(labels(tmp_path, "Another text."), tmp_path)
