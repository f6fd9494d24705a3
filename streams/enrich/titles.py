"""What stands right before a person's name and says what its bearer is: ``Foreign Minister``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from streams.enrich.countries import country_of_demonym
from streams.enrich.drafts import Range
from streams.enrich.names import TITLE_NOUNS, one_line

__all__ = ["title_before"]

_WORDS_BEFORE: Final = re.compile(r"(?:[^\W\d_][\w.&’'-]*[ \n]){1,6}$")
_WORD: Final = re.compile(r"\S+")
MAX_TITLE: Final = 90
"""Code points before a name in which its title is looked for."""
_KINDS: Final = frozenset(
    "former ex acting interim deputy vice assistant associate senior junior chief head lead first second "
    "prime foreign finance interior home defence defense health education trade industry commerce economy "
    "economic environment justice transport energy oil culture agriculture labour labor housing business tourism "
    "sports information opposition party club team company union police army military government state city county "
    "regional national federal local presidential campaign press media security intelligence general managing "
    "executive non-executive financial marketing technical technology research scientific medical legal creative "
    "commercial investment chief-executive fellow veteran world olympic rugby football cricket tennis golf "
    "film hollywood soap pop rock rap opera tv radio television newspaper bank fund market stock hedge england "
    "shadow crown district high supreme appeals defence-team trade-union human rights chair-elect president-elect "
    "co under-secretary joint group sales operations".split()
)
"""Lower-case words that say of which kind a title is; other words before one are the sentence's."""


_ADDRESS: Final = frozenset("mr mrs ms miss".split())
"""What stands before such a word is the sentence's: "in California Mr Reed said"."""
_SHORT: Final = frozenset("mr mrs ms dr prof rev st sen rep gov gen col capt lt sgt maj".split())
"""Titles that a point stands behind; behind others it ends the sentence."""
_DAYS: Final = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)
"""Capitals of the sentence: "on Monday Mayor Ada Quill"."""


def title_before(
    text: str, name: int, sentence_starts: AbstractSet[int], names: Sequence[Range]
) -> tuple[str, ...]:
    """Return the title before the name that begins at *name*, nothing where there is none.

    The word next to the name decides ("Ukrainian President", but not "the club Arsenal"); before it belongs
    what has a capital or says of which kind it is.  A capital that opens a sentence says nothing, unless the
    word is in one of *names*.
    """
    before = _WORDS_BEFORE.search(text, max(0, name - MAX_TITLE), name)
    if before is None:
        return ()
    words = [Range(*word.span()) for word in _WORD.finditer(text, before.start(), before.end())]
    if _bare(text, words[-1]) not in TITLE_NOUNS or _ends_sentence(text, words[-1]):
        return ()
    start = words[-1].start
    if _bare(text, words[-1]) in _ADDRESS:
        return (one_line(text[start:name]),)
    for word in reversed(words[:-1]):
        if not _belongs(text, word, sentence_starts, names):
            break
        start = word.start
    return (one_line(text[start:name]),)


def _ends_sentence(text: str, word: Range) -> bool:
    return text[word.end - 1] == "." and _bare(text, word) not in _SHORT


def _bare(text: str, word: Range) -> str:
    return text[word.start : word.end].lower().strip(".")


def _belongs(text: str, word: Range, sentence_starts: AbstractSet[int], names: Sequence[Range]) -> bool:
    written = text[word.start : word.end]
    if written[-1] in ".’'" and written[:-1].isalpha() and _bare(text, word) not in TITLE_NOUNS:
        return False
    known = _bare(text, word) in _KINDS or _bare(text, word) in TITLE_NOUNS
    if known or country_of_demonym(written):
        return True
    if not written[0].isupper() or _bare(text, word) in _DAYS:
        return False
    return word.start not in sentence_starts or any(word.overlaps(name) for name in names)
