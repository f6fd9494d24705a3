from __future__ import annotations

import json
import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.drafts import Range
from streams.enrich.layout import model_text
from streams.tagger.pieces import MAX_UNIT, SEPARATOR, PieceReader
from tests.support.require import require_shared

TEXT = "The bridge opened. Ada Quill said: “We won.”\n\n  She is glad"


def test_every_piece_is_at_its_place(reader: PieceReader) -> None:
    pieces = reader.read(TEXT)
    words = [pieces.span(i, i) for i in pieces.words()]
    assert [TEXT[w.start : w.end] for w in words[:6]] == ["The", "bridge", "opened", ".", "Ada", "Quill"]
    assert [TEXT[w.start : w.end] for w in words[-3:]] == ["She", "is", "glad"]


def test_a_separator_ends_every_paragraph_and_belongs_to_its_last_sentence(reader: PieceReader) -> None:
    pieces = reader.read(TEXT)
    assert [i for i, id in enumerate(pieces.ids) if id == SEPARATOR] == [
        pieces.units[1].end - 1,
        pieces.units[2].end - 1,
    ]
    assert [TEXT[pieces.starts[u.start] :][:4] for u in pieces.units] == ["The ", "Ada ", "She "]


def test_words_of_a_range_are_those_that_it_touches(reader: PieceReader) -> None:
    pieces = reader.read(TEXT)
    start = TEXT.index("ed. Ada")
    found = pieces.words_in(Range(start, TEXT.index("Quill")))
    assert [TEXT[slice(*pieces.span(i, i))] for i in found] == [".", "Ada"]
    whole = pieces.words_in(Range(TEXT.index("opened") + 1, start + 1))
    assert [TEXT[slice(*pieces.span(i, i))] for i in whole] == ["opened"]
    assert pieces.words_in(Range(len(TEXT), len(TEXT) + 5)) == []


def test_a_sentence_without_an_end_is_cut(reader: PieceReader) -> None:
    pieces = reader.read("the bridge " * 400)
    assert max(u.end - u.start for u in pieces.units) <= MAX_UNIT + 1
    assert len(pieces.units) == 4


def test_nothing_comes_of_nothing(reader: PieceReader) -> None:
    for text in ("", " \n\n \n", "\n"):
        assert len(reader.read(text)) == 0


@given(text=st.text(alphabet=st.sampled_from("ab. \n\"“”'AÉ\u0301ß\u200b\U0001f600\x00"), max_size=120))
def test_units_cover_all_and_offsets_stay_in_the_text(reader: PieceReader, text: str) -> None:
    pieces = reader.read(model_text(text))
    edges = [0, *(u.end for u in pieces.units)]
    assert [u.start for u in pieces.units] == edges[:-1]
    assert edges[-1] == len(pieces)
    assert all(0 <= s <= e <= len(text) for s, e in zip(pieces.starts, pieces.ends, strict=True))
    for i in pieces.words():
        at = pieces.span(i, i)
        assert at.start < at.end
        assert "\n" not in text[at.start : at.end]


def written(text: str) -> str:
    """All but blanks, what is never seen (soft hyphens), and accents set apart from their letter."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c)[0] not in "CM")


def test_all_of_real_news_is_in_the_pieces_at_true_offsets(reader: PieceReader) -> None:
    polnear = sorted((require_shared("polnear/dev") / "text").iterdir())
    texts = [path.read_bytes().decode("utf-8") for path in polnear]
    wire = json.loads((require_shared("reuters21578") / "reuters-000.json").read_text("utf-8"))
    texts += [item["body"] for item in wire[:300] if item.get("body")]
    assert len(texts) > 300
    for text in texts:
        pieces = reader.read(model_text(text))
        words = [pieces.span(i, i) for i in pieces.words()]
        assert all(one.end <= two.start for one, two in pairwise(words))
        assert written("".join(text[at.start : at.end] for at in words)) == written(text)
