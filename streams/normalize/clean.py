"""Text as it may be stored: what no event can carry replaced, what is too long cut, both flagged."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.limits import LIST_ENTRY_CHARS, LIST_ITEMS

__all__ = ["clean", "cut_list", "letters_of", "one_line", "parsable", "storable"]

_UNPARSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> bool:
    """Tell whether JSON, UTF-8 and every common database carry *text*: no NUL, no lone surrogate."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean(text: str) -> str:
    """Replace each NUL and lone surrogate by U+FFFD, which keeps all offsets."""
    return text if storable(text) else _NEVER_STORED.sub("\ufffd", text)


def parsable(markup: str) -> str:
    """Replace by U+FFFD what no XML library takes: C0 controls but for whitespace, and noncharacters."""
    return _UNPARSABLE.sub("\ufffd", markup)


def letters_of(line: str) -> str:
    """Return the letters and digits of *line*, casefolded: equal for lines that read alike."""
    return "".join(c for c in line.casefold() if c.isalnum())


def one_line(text: str) -> str:
    """Bring *text* on one line, with single spaces."""
    return " ".join(clean(text).split())


def cut_list(texts: Iterable[str]) -> list[str]:
    """Return each of *texts* on one line and once, at most as many and as long as an event may hold."""
    kept = dict.fromkeys(line[:LIST_ENTRY_CHARS] for text in texts if (line := one_line(text)))
    return list(kept)[:LIST_ITEMS]
