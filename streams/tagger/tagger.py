"""The tagger as a whole: texts in, attributions and names out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from streams.enrich.drafts import Range
from streams.tagger.attributions import Attribution, read_attributions
from streams.tagger.files import NETWORK_FILE, TOKENIZER_FILE
from streams.tagger.labels import NESTED
from streams.tagger.names import Name, read_events, read_names
from streams.tagger.network import OnnxNetwork
from streams.tagger.pieces import PieceReader
from streams.tagger.scores import score

__all__ = ["Tagged", "Tagger"]


class Tagged(NamedTuple):
    """What was found in one text."""

    attributions: list[Attribution]
    """Outer ones, in text order."""
    nested: list[Attribution]
    """What may stand inside the content of one of these, in text order."""
    names: list[Name]
    events: list[Range]


class Tagger:
    """Tags English news texts; the same text gives the same answer, whatever was read before."""

    def __init__(self, network: OnnxNetwork, reader: PieceReader) -> None:
        self._network = network
        self._reader = reader

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """Load ``tagger.onnx`` and ``tokenizer.json`` from *folder*.

        Raises:
            FileNotFoundError: one of them is not there.
            streams.tagger.network.NetworkError: the network does not fit this code.

        """
        return cls(OnnxNetwork.load(folder / NETWORK_FILE), PieceReader.load(folder / TOKENIZER_FILE))

    @property
    def version(self) -> str:
        """The network's."""
        return self._network.facts.version

    @property
    def weights_sha256(self) -> str:
        """The digest of the network's file."""
        return self._network.sha256

    def tag(self, text: str) -> Tagged:
        """Tag one text, as `streams.enrich.layout.model_text` gives it; offsets are those of *text*."""
        pieces = self._reader.read(text)
        if not pieces.words():
            return Tagged([], [], [], [])
        scores = score(self._network, pieces)
        facts = self._network.facts
        return Tagged(
            attributions=read_attributions(text, pieces, scores, facts),
            nested=read_attributions(text, pieces, scores, facts, NESTED),
            names=read_names(text, pieces, scores),
            events=read_events(text, pieces, scores),
        )
