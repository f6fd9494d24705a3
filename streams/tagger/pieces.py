"""A text as the network reads it: word pieces with their offsets, cut into sentences that windows are made of.

The text is one that `streams.enrich.layout.model_text` made: a newline ends a paragraph, and nothing else
does.  Between paragraphs stands a separator.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from tokenizers import Tokenizer

from streams.enrich.drafts import Range
from streams.tagger.marks import marks_of

__all__ = ["CLASSIFY", "MAX_UNIT", "SEPARATOR", "PieceReader", "Pieces"]

CLASSIFY: Final = 101
SEPARATOR: Final = 102
"""BERT's numbers for what opens a window and what parts its paragraphs."""
MAX_UNIT: Final = 230
"""Pieces of the longest sentence; a longer one is cut, since a window holds whole ones."""
_PARAGRAPH: Final = re.compile(r"[^\n]+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘(\[]*[A-Z0-9])")


class Pieces(msgspec.Struct, kw_only=True):
    """Parallel lists, one entry a piece, in text order; separators count as pieces of no length."""

    ids: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    """Code points of the text, half open."""
    marks: list[int] = []
    """Quote state and letter case, see `streams.tagger.marks`."""
    opens_word: list[bool] = []
    """False for what continues a word, and for separators."""
    units: list[Range] = []
    """Sentences as ranges of pieces; together they cover all."""

    def __len__(self) -> int:
        return len(self.ids)

    def words(self) -> list[int]:
        """Return the pieces that open a word: those that labels are on."""
        return [i for i, opens in enumerate(self.opens_word) if opens]

    def words_in(self, at: Range) -> list[int]:
        """Return the pieces that open a word and share a code point with *at*."""
        found: list[int] = []
        i = bisect_right(self.ends, at.start)
        while i < len(self.starts) and self.starts[i] < at.end:
            if self.opens_word[i]:
                found.append(i)
            i += 1
        return found

    def span(self, first: int, last: int) -> Range:
        """Return the code points from the word opened at piece *first* to the end of that opened at *last*."""
        end = last + 1
        while end < len(self) and not self.opens_word[end] and self.ids[end] != SEPARATOR:
            end += 1
        return Range(self.starts[first], self.ends[end - 1])


class PieceReader:
    """Cuts texts into pieces with a BERT word-piece tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, path: Path) -> PieceReader:
        """Load a ``tokenizer.json``.

        Raises:
            FileNotFoundError: there is none.

        """
        return cls(Tokenizer.from_buffer(path.read_bytes()))

    def read(self, text: str) -> Pieces:
        """Cut one text."""
        pieces = Pieces()
        for match in _PARAGRAPH.finditer(text):
            if not match[0].isspace():
                self._add(pieces, match[0], match.start())
        return pieces

    def _add(self, pieces: Pieces, paragraph: str, base: int) -> None:
        encoding = self._tokenizer.encode(paragraph, add_special_tokens=False)
        if not encoding.ids:
            return
        first = len(pieces)
        pieces.ids.extend(encoding.ids)
        pieces.starts.extend(base + start for start, _ in encoding.offsets)
        pieces.ends.extend(base + end for _, end in encoding.offsets)
        pieces.marks.extend(marks_of(paragraph, encoding.offsets))
        pieces.opens_word.extend(not token.startswith("##") for token in encoding.tokens)
        pieces.ids.append(SEPARATOR)
        pieces.starts.append(base + len(paragraph))
        pieces.ends.append(base + len(paragraph))
        pieces.marks.append(0)
        pieces.opens_word.append(False)
        ends = [base + match.end() for match in _SENTENCE_END.finditer(paragraph)]
        pieces.units.extend(_units(pieces.starts, first, len(pieces), ends))


def _units(starts: list[int], first: int, stop: int, ends: list[int]) -> Iterator[Range]:
    """Cut the pieces of one paragraph where a sentence ends, and where one grows too long."""
    begin = first
    following = 0
    for i in range(first, stop):
        cut = False
        while following < len(ends) and starts[i] >= ends[following]:
            cut = True
            following += 1
        # The separator never stands alone, so it is no place to cut at.
        if i > begin and i < stop - 1 and (cut or i - begin >= MAX_UNIT):
            yield Range(begin, i)
            begin = i
    yield Range(begin, stop)
