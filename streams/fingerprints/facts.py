"""What a near-copy must not differ in to pass for the same news: numbers, names and negations.

Numbers are compared by value, without sign or unit: "1,000" is "1000", "5.0" is "5", "1.2 million" is
"1200000", "two" is "2".  A comma before groups of three (or, as in India, of two and then three) digits
separates thousands, before anything else it is a decimal one; a single full stop is decimal.  Digits
joined any other way ("10.0.0.1", "1,2,3") are several numbers.

Names are capitalised words that neither open a sentence nor follow an opening quotation mark, and are
not one of the commonest words of English (a headline's or a heading's "The").

Negations are the negating word ("n't" is "not") and the word after it.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from typing import Final

from streams.fingerprints.words import Words

__all__ = ["MOST_FACTS", "names", "negations_and_spelled", "numbers", "numeral_value"]

MOST_FACTS: Final = 5_000
"""Of each kind in one sketch: more than any real article of 300,000 code points has, so that a hostile
one still fits a record."""
_MOST_NAME_CHARS: Final = 100
_MOST_DIGITS: Final = 40

_SCALES: Final = {
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "mln": 6,
    "billion": 9,
    "bln": 9,
    "bn": 9,
    "trillion": 12,
    "tn": 12,
}
_UNITS: Final = {
    word: str(value)
    for value, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split(),
        start=2,
    )
} | {"dozen": "12"}
_TENS: Final = {
    word: str(value)
    for value, word in zip(
        range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety".split(), strict=True
    )
}
_LETTERS: Final = string.ascii_letters
_ONE: Final = frozenset({b"one", b"a"})
"""A number only before a scale: "one" alone is mostly a pronoun."""

# Without a flag for letter case, which would cost the scan its quick start.
_NUMERAL = re.compile(rf"\d++(?:[.,]\d++)*+(?:(?:\s++-?|-)(?i:{'|'.join(_SCALES)})\b)?+")

_NEGATIONS: Final = {
    word: word
    for word in (
        "no not never none nobody nothing nowhere neither nor without"
        " nicht kein keine keinen nie niemand pas jamais aucun aucune nunca jamás ningún não nao mai niet geen"
    ).split()
} | {"cannot": "not"}
_BEFORE_T: Final = frozenset(
    b"don didn doesn isn wasn weren aren won wouldn couldn shouldn hasn haven hadn can ain mustn needn"
    b" mightn shan".split()
)
_MARKED: Final = {word.encode(): word for word in (*_NEGATIONS, *_UNITS, *_TENS, *_SCALES, "t")}

# Begins with a plain character class (the blocks that have capitals), so that the scan is quick; the
# look-behinds then see what stands before that first character.
_CAPITALISED = re.compile(
    "[A-ZÀ-\u1fff\ua640-\ua7ff\U00010400-\U0001e943]" r"""(?<![\w"“„«‘‚‹「『].)(?<!\s'.)\w*"""
)
_NO_NAMES: Final = frozenset(
    "A An And As At But By For From He Her His How I If In Into Is It Its My No Not Of On Or Our She So That"
    " The Their Then There These They This Those To Was We Were What When Where Which While Who Why Will With"
    " You Your".split()
)


def numeral_value(numeral: str) -> list[str]:
    """Normalise digits as printed: one number, or several where they form none together."""
    if not numeral.isascii():
        numeral = "".join(c if c in ".," else str(unicodedata.decimal(c)) for c in numeral)
    groups = re.split(r"[.,]", numeral)
    if len(numeral) > _MOST_DIGITS:
        return [group.lstrip("0")[:_MOST_DIGITS] or "0" for group in groups]
    if len(groups) == 1:
        return [numeral.lstrip("0") or "0"]
    marks = [c for c in numeral if c in ".,"]
    decimal = marks[-1] if marks.count(marks[-1]) == 1 else ""
    if len(marks) == 1 and marks == [","] and _thousands(groups):
        decimal = ""
    whole = groups[:-1] if decimal else groups
    if (len(whole) > 1 and not _thousands(whole)) or len(set(marks[: len(whole) - 1])) > 1:
        return [group.lstrip("0") or "0" for group in groups]
    integer = "".join(whole).lstrip("0") or "0"
    fraction = groups[-1].rstrip("0") if decimal else ""
    return [f"{integer}.{fraction}" if fraction else integer]


def _thousands(groups: list[str]) -> bool:
    head, *middle, last = groups
    return (
        0 < len(head) <= 3
        and head[0] != "0"
        and len(last) == 3
        and (all(len(g) == 3 for g in middle) or (len(head) <= 2 and all(len(g) == 2 for g in middle)))
    )


def _scaled(value: str, exponent: int) -> str:
    integer, _, fraction = value.partition(".")
    moved = (integer + fraction[:exponent].ljust(exponent, "0")).lstrip("0") or "0"
    rest = fraction[exponent:]
    return f"{moved}.{rest}" if rest else moved


def numbers(text: str) -> set[str]:
    """Return the numbers written in digits, normalised."""
    found: set[str] = set()
    for printed in _NUMERAL.findall(text):
        if printed.isdecimal() and printed.isascii() and len(printed) <= _MOST_DIGITS:
            found.add(printed.lstrip("0") or "0")
        elif printed[-1].isalpha():
            numeral = printed.rstrip(_LETTERS)
            exponent = _SCALES[printed[len(numeral) :].lower()]
            found.update(
                _scaled(value, exponent)
                for value in numeral_value(numeral.rstrip().removesuffix("-").rstrip())
            )
        else:
            found.update(numeral_value(printed))
    return found


def negations_and_spelled(words: list[bytes]) -> tuple[list[str], set[str]]:
    """Return the negations in text order, and the numbers written in (English) words."""
    negations: list[str] = []
    spelled: set[str] = set()
    last = len(words) - 1
    done = -1
    for i in [i for i, word in enumerate(words) if word in _MARKED]:
        word = _MARKED[words[i]]
        negation = _NEGATIONS.get(word)
        if word == "t":
            negation = "not" if i and words[i - 1] in _BEFORE_T else None
        elif negation is None and i > done:
            value, done = _spelled(words, i)
            if value is not None:
                spelled.add(value)
        if negation is not None:
            after = words[i + 1].decode("utf-8", "replace")[:_MOST_NAME_CHARS] if i < last else ""
            negations.append(f"{negation} {after}".rstrip())
    return negations[:MOST_FACTS], spelled


def _spelled(words: list[bytes], i: int) -> tuple[str | None, int]:
    """Read the number spelled from word *i* on; return it and the last word that belongs to it."""
    word = _MARKED[words[i]]
    value: str | None
    if word in _TENS:
        value = _TENS[word]
        unit = _UNITS.get(_marked(words, i + 1), "")
        if len(unit) == 1:
            value, i = f"{value[0]}{unit}", i + 1
    elif word in _UNITS:
        value = _UNITS[word]
    else:  # a scale without a number before it in words; after digits it is read with them
        value = "1" if i and words[i - 1] in _ONE else None
        i -= 1
    while (scale := _marked(words, i + 1)) in _SCALES:
        i += 1
        value = value and _scaled(value, _SCALES[scale])
    return value, i


def _marked(words: list[bytes], i: int) -> str:
    return _MARKED.get(words[i], "") if i < len(words) else ""


def names(words: Words) -> set[str]:
    """Return the names, in the letter case they have in the text."""
    found = Counter(_CAPITALISED.findall(words.text))
    found.subtract(match[0] for start in words.opens if (match := _CAPITALISED.match(words.text, start)))
    return {
        name[:_MOST_NAME_CHARS]
        for name, times in found.items()
        if times > 0 and name[0].isupper() and name not in _NO_NAMES
    }
