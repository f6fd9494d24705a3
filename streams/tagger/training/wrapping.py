"""The same text as others might have set it: wrapped at some width, or without its paragraphs.

`streams.enrich.layout` joins wrapped lines before the network sees a text.  It cannot always tell, so the
network learns to read on where a paragraph seems to end, and where none does.
"""

from __future__ import annotations

import random
from typing import Final

from streams.enrich.layout import MAX_WIDTH, MIN_WIDTH

__all__ = ["reset"]

WRAPPED: Final = 0.12
JOINED: Final = 0.08
"""How often a text is wrapped, and how often its paragraphs are run together."""


def reset(text: str, rng: random.Random) -> str:
    """Return *text* set anew, by chance, or as it is; as long, each word at its place."""
    chance = rng.random()
    if chance < WRAPPED:
        return wrapped(text, rng.randint(MIN_WIDTH, MAX_WIDTH))
    if chance < WRAPPED + JOINED:
        return text.replace("\n", " ")
    return text


def wrapped(text: str, width: int) -> str:
    """Break lines at blanks so that none is longer than *width* code points, if a blank allows."""
    out = list(text)
    begin = 0
    blank: int | None = None
    for i, char in enumerate(text):
        if char == "\n":
            begin, blank = i + 1, None
        elif char == " ":
            blank = i
        elif i - begin >= width and blank is not None:
            out[blank] = "\n"
            begin, blank = blank + 1, None
    return "".join(out)
