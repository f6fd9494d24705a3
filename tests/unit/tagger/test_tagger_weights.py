"""The trained network that is shipped."""

from __future__ import annotations

from streams.tagger.files import NETWORK_FILE, WEIGHTS, holds_network
from streams.tagger.tagger import Tagger
from tests.support.require import ROOT

MOST_BYTES = 40_000_000


def test_it_is_small_and_whole() -> None:
    assert holds_network(WEIGHTS)
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < MOST_BYTES


def test_the_model_card_is_of_this_very_file() -> None:
    card = (ROOT / "docs" / "model-card.md").read_text("utf-8")
    tagger = Tagger.load(WEIGHTS)
    assert tagger.weights_sha256 in card
    assert f"| version | {tagger.version};" in card


def test_it_tells_who_said_what_and_what_is_named() -> None:
    text = "The bridge at Harbourtown will stay closed until May, Mayor Ada Quill said on Tuesday."
    tagged = Tagger.load(WEIGHTS).tag(text)
    (found,) = tagged.attributions
    assert [text[slice(*at)] for at in found.content] == [
        "The bridge at Harbourtown will stay closed until May"
    ]
    assert text[slice(*(found.cue or (0, 0)))] == "said"
    assert "Ada Quill" in text[slice(*(found.source or (0, 0)))]
    assert {(text[slice(*at)], kind) for at, kind in tagged.names} == {
        ("Harbourtown", "place"),
        ("Ada Quill", "person"),
    }
    assert (WEIGHTS / NETWORK_FILE).is_file()
