r"""Words and sentences, as copies are compared by them.

A word is a run of ``\w`` characters of the casefolded text.  Line wraps, blank lines and indentation are invisible
here: the same words with the same punctuation between them give the same result whatever whitespace
they are set with, so a wire copy wrapped at 70 columns equals the page that ran it.  That is why a line's
end never ends a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

__all__ = ["Words", "split_words"]

_MARK: Final = "\x01"
"""Stands between sentences while words are split; no text needs it."""
_WORD_START = re.compile(r"\w")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_NO_WORD = re.compile(r"[^\w\x01]+")
_FEW: Final = 16
_ASCII_WORDS: Final = bytes(
    byte if byte >= 0x80 or byte == ord(_MARK) or chr(byte).isalnum() or byte == ord("_") else ord(" ")
    for byte in range(256)
)

_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
"""Soft hyphen, zero-width space, word joiner and byte order mark: typesetting, not text."""
_HAS_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")

# Each begins with a plain character class, so that the scan is quick; the look-behind for the stop before,
# and possessive quantifiers, keep it linear in runs of stops of any length.
_STOP = re.compile(r"""[.!?…।؟۔](?<![.!?…].)[.!?…]*+["'”’»)\]]*+\s++["'“‘„«(\[—–-]*+\s*+(?=\w)""")
_WIDE_STOP = re.compile(r"""[。！？](?<![。！？].)[。！？]*+["'”’」』）]*+\s*+[“‘「『（]*+(?=\w)""")
_OPENING: Final = "\"'“‘„«([—–/"
_LONGEST_ABBREVIATION: Final = 12

_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms mx dr prof st sr jr messrs hon rev fr msgr gov sen rep reps sens gen lt col maj capt cmdr adm"
    " brig sgt cpl pvt supt det insp pres amb co corp inc ltd bros llc plc vs v no nos vol pp fig ed approx"
    " est jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat ave blvd rd"
    " mt ft dept univ assn cf al eg ie nr bzw ca dr hr frau mme mlle sig sra".split()
)


class Words(NamedTuple):
    """The words of a text with where its sentences begin."""

    text: str
    """The text in NFC without invisible characters; what ``opens`` counts in."""
    folded: list[bytes]
    """Every word, casefolded, in UTF-8, in order."""
    sentences: list[int]
    """Index in ``folded`` of the first word of each sentence; begins with 0 where there is any word."""
    opens: frozenset[int]
    """Offsets in ``text`` of the words that open a sentence."""


def split_words(text: str) -> Words:
    """Split *text* into casefolded words and sentences, in time linear in its length."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        if _HAS_INVISIBLE.search(text):
            text = text.translate(_INVISIBLE)
    if _MARK in text:
        text = text.replace(_MARK, " ")
    first = _WORD_START.search(text)
    if first is None:
        return Words(text, [], [], frozenset())
    starts = [first.start(), *_sentence_starts(text, first.end())]
    marked = _MARK.join(text[i:j] for i, j in zip(starts, [*starts[1:], None], strict=True))
    words: list[bytes] = []
    sentences: list[int] = []
    for sentence in _only_words(marked.casefold()).split(_MARK.encode()):
        sentences.append(len(words))
        words += sentence.split()
    return Words(text, words, sentences, frozenset(starts))


def _only_words(folded: str) -> bytes:
    """Put spaces for all that is no word character nor mark, in UTF-8: bytes are quicker to work on, and
    only what is beyond ASCII needs Unicode's tables.
    """
    if not folded.isascii():
        others = [c for c in set(_BEYOND_ASCII.findall(folded)) if not c.isalnum()]
        if len(others) <= _FEW:
            for character in others:
                folded = folded.replace(character, " ")
        else:
            folded = _NO_WORD.sub(" ", folded)
    return folded.encode("utf-8", "surrogatepass").translate(_ASCII_WORDS)


def _sentence_starts(text: str, begin: int) -> list[int]:
    starts = [stop.end() for stop in _STOP.finditer(text, begin) if _ends_sentence(text, stop)]
    if "。" in text or "！" in text or "？" in text:
        starts = sorted({*starts, *(stop.end() for stop in _WIDE_STOP.finditer(text, begin))})
    return starts


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    """Tell a sentence's end from an abbreviation, an initial or a stop before a lower-case word."""
    if text[stop.end()].islower():
        return False
    if text[stop.start()] != "." or text[stop.start() + 1] == ".":
        return True
    before = text[max(0, stop.start() - _LONGEST_ABBREVIATION) : stop.start()].split()
    if not before:
        return True
    word = before[-1].rpartition("-")[2].rpartition(".")[2].lstrip(_OPENING)
    return not ((len(word) == 1 and word.isalpha()) or word.casefold() in _ABBREVIATIONS)
