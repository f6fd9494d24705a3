"""Keys by which one statement is found again in other revisions and outlets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from schemas.ids import sha256_hex

__all__ = ["MIN_QUOTE_WORDS", "content_key", "quote_key"]

MIN_QUOTE_WORDS: Final = 5
"""Fewer words are no quotation that only one speaker could have said."""
_WORD: Final = re.compile(r"\w+(?:'\w+)*")


def _words(parts: Sequence[str]) -> list[str]:
    # Compatibility forms and both apostrophes fold, so that typography does not tell outlets apart.
    plain = unicodedata.normalize("NFKC", " ".join(parts)).replace("’", "'").casefold()
    return _WORD.findall(plain)


def content_key(parts: Sequence[str]) -> str:
    """Hash the normalised words of a claim's content (SHA-256, hexadecimal)."""
    return sha256_hex(" ".join(_words(parts)))


def quote_key(parts: Sequence[str]) -> str | None:
    """Hash the normalised words that stand in quotation marks; null under five words."""
    words = _words(parts)
    return sha256_hex(" ".join(words)) if len(words) >= MIN_QUOTE_WORDS else None
