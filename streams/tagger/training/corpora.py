"""What is trained on: attributions of PolNeAR, names of IEER and GUM, names as CoreNLP sees them, and news texts that
this project has labelled.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from streams.enrich.layout import model_text
from streams.tagger.pieces import PieceReader
from streams.tagger.training.documents import Document
from streams.tagger.training.examples import Example, make_example
from streams.tagger.training.gum import read_gum
from streams.tagger.training.ieer import held_back, read_ieer
from streams.tagger.training.nesting import Tags, with_nested
from streams.tagger.training.polnear import read_polnear
from streams.tagger.training.standoff import read_standoff
from streams.tagger.training.teacher import taught
from streams.tagger.training.wrapping import reset

__all__ = ["Corpora"]

PLAIN_EVERY: Final = 4
"""One of so many BBC articles is read: enough British news for names."""
PLAIN_PARTS: Final = 4
"""Each epoch sees another one of so many parts of them."""
GOLD_TIMES: Final = 2
"""How often an epoch sees each text whose names people marked."""
DESK_TIMES: Final = 3
"""How often an epoch sees each text that this project has labelled: they alone tell of nested attributions and of wire
news.
"""


class Corpora(msgspec.Struct, frozen=True):
    """The texts of a training."""

    attributed: list[Document]
    """PolNeAR's train split, with the teacher's names."""
    named: list[Document]
    """IEER without what is held back, and GUM's news."""
    plain: list[Document]
    """BBC articles with the teacher's names."""
    desk: list[Document] = []
    """Wire and broadcast news, and articles written for it, with outer and nested attributions, names and events."""

    @classmethod
    def read(cls, shared: Path, seeds: Path, work: Path) -> Corpora:
        """Read all from *shared* (``data/polnear``, ``data/ner``, ``data/bbc-news``, ``data/reuters21578``) and
        *seeds*, the project's own labels (``standoff``) and labelled articles (``training``), teaching in *work*.

        Raises:
            FileNotFoundError: PolNeAR, the labels or their texts are not there.
            ValueError: a text is another than the one that was labelled.
            streams.tagger.training.teacher.TeacherError: CoreNLP cannot be had.

        """
        data = shared / "data"
        polnear = [d.with_text(model_text(d.text)) for d in read_polnear(data / "polnear" / "train")]
        bbc = _plain(data / "bbc-news")[::PLAIN_EVERY]
        both = taught([*polnear, *bbc], work / "corenlp")
        ieer, _ = held_back(read_ieer(data / "ner" / "ieer"))
        return cls(
            attributed=both[: len(polnear)],
            named=ieer + read_gum(data / "ner" / "gum-news" / "dep"),
            plain=both[len(polnear) :],
            desk=[
                *read_standoff(seeds / "standoff" / "training.jsonl", data),
                *read_standoff(seeds / "training" / "labels.jsonl", seeds / "training"),
            ],
        )

    def nested_by(self, tagger: Tags) -> Corpora:
        """Return the same with what *tagger* finds inside the contents of attributed texts."""
        return msgspec.structs.replace(self, attributed=with_nested(self.attributed, tagger))

    def epoch(self, number: int, rng: random.Random, reader: PieceReader) -> Sequence[Example]:
        """Make the examples of one epoch, each text set as chance will have it."""
        documents = [
            *self.attributed,
            *self.desk * DESK_TIMES,
            *self.named * GOLD_TIMES,
            *self.plain[number % PLAIN_PARTS :: PLAIN_PARTS],
        ]
        return [make_example(d.with_text(reset(d.text, rng)), reader) for d in documents]


def _plain(folder: Path) -> list[Document]:
    return [
        Document(
            name=f"{path.parent.name}-{path.stem}",
            text=model_text(path.read_bytes().decode("utf-8", errors="replace")),
        )
        for path in sorted(folder.glob("*/*.txt"))
    ]
