"""Names: cleaned of what is not theirs, keyed for grouping, compared as variants of one another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from streams.enrich.drafts import Range

__all__ = [
    "HONORIFICS",
    "SMALL_WORDS",
    "TITLE_NOUNS",
    "acronyms_of",
    "misspelt",
    "name_key",
    "name_words",
    "one_line",
    "trimmed",
    "without_generation",
    "without_suffix",
]

HONORIFICS: Final = frozenset(
    "mr mrs ms miss dr sir dame lord lady baroness prof professor rev reverend judge justice king queen "
    "prince princess pope father sister saint st president prime minister chancellor senator sen "
    "representative rep congressman congresswoman governor gov mayor secretary general gen colonel col "
    "captain capt lieutenant lt sergeant sgt major maj admiral commander detective inspector sheriff "
    "ambassador pastor bishop archbishop cardinal imam sheikh rabbi ayatollah".split()
)
"""Words that open a name without being part of it."""

TITLE_NOUNS: Final = HONORIFICS | frozenset(
    "spokesman spokeswoman spokesperson director chairman chairwoman chair chairperson chief ceo founder "
    "co-founder leader head boss manager coach captain striker defender analyst economist professor "
    "scientist researcher author writer actor actress singer director producer editor reporter journalist "
    "correspondent attorney lawyer prosecutor candidate nominee commissioner deputy officer executive "
    "councillor councilman councilwoman lawmaker mp diplomat envoy official banker strategist adviser "
    "advisor counsel counselor activist campaigner owner partner trader treasurer speaker premier dictator "
    "star player champion legend pollster historian politician veteran businessman entrepreneur "
    "billionaire student teacher doctor nurse midfielder goalkeeper winger batsman bowler sprinter".split()
)
"""Nouns that, right before a name, say what its bearer is."""

_SUFFIXES: Final = frozenset(
    "corp corporation inc incorporated ltd limited plc llc llp co company gmbh ag sa nv holdings".split()
)
_GENERATIONS: Final = frozenset("jr sr ii iii iv".split())
MIN_MISSPELT: Final = 7
"""Letters of a surname that is taken for another misspelt: Regan is not Reagan."""
MIN_MISSPELT_TITLED: Final = 5
"""The same where "Mr" or "Ms" stands for the first name."""
SMALL_WORDS: Final = frozenset("of and for the in on de du la le des y e & to at".split())
"""Words of a name that are written small."""
_LEADING: Final = re.compile(r"(?:[\s\"“”‘’'`«»(\[,.;:–—-]+|(?:the|The|THE|a|an|A|An)\s+)+")
_TRAILING: Final = re.compile(r"(?:['’]s|\s(?:and|or|of|the|for|in|at|to|on|by)|[\s\"“”‘’'`«»)\[\],;:–—-])+$")
_NAMED_FOR: Final = re.compile(
    r"\b(?:Christie|Domino|Kellogg|Kohl|Levi|Lloyd|Macy|McDonald|Moody|Poor|Sainsbury|Sotheby|Wendy)['’]s$"
)
"""Firms that have the name of whose they were."""
_POSSESSIVE: Final = re.compile(r"'s?\b")
_POINT: Final = re.compile(r"\.(?=\w\b)|(?<=\b\w)\.")
_STOP_IS_OURS: Final = re.compile(
    r"(?:\.[A-Z]|\b(?:Jr|Sr|St|Co|CO|Corp|CORP|Inc|INC|Ltd|LTD|Bros|[A-Z]"
    r"|Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Md|Mass|Mich|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa"
    r"|Tenn|Tex|Vt|Va|Wash|Wis|Wyo))\.$"
)
_NO_WORD: Final = re.compile(r"[^\w&]+")


def one_line(name: str) -> str:
    """Return *name* with every run of blanks as one space."""
    return " ".join(name.split())


def trimmed(text: str, at: Range) -> Range:
    """Return *at* without articles, marks, blanks and possessives around the name; empty where nothing is
    left.  What follows the end of a paragraph is cut off.
    """
    start, end = at
    if (line_end := text.find("\n", start, end)) >= 0:
        if text[start:line_end].strip():
            end = line_end
        else:
            start = line_end
    if opening := _LEADING.match(text, start, end):
        start = opening.end()
    if (closing := _TRAILING.search(text[start:end])) and not _NAMED_FOR.search(text[start:end]):
        end = start + closing.start()
    # A full stop is the sentence's, but for initials and abbreviations ("U.S.", "Jr.", "Corp.").
    if end - start > 1 and text[end - 1] == "." and not _STOP_IS_OURS.search(text[start:end]):
        end -= 1
    return Range(start, max(start, end))


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name for comparing: folded, unaccented, without points and marks."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    plain = _POSSESSIVE.sub("", plain)
    plain = _POINT.sub("", plain)
    words = tuple(w for w in _NO_WORD.split(plain) if w)
    return words[1:] if len(words) > 1 and words[0] == "the" else words


def without_suffix(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return an organisation's words without the form of its incorporation."""
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    return words


def without_generation(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a person's words without what tells him from his father: the last one is the surname."""
    while len(words) > 1 and words[-1] in _GENERATIONS:
        words = words[:-1]
    return words


def name_key(name: str) -> str:
    """Return the key that groups one name's spellings across documents.  Never an identity."""
    return " ".join(without_suffix(name_words(name))) or one_line(name).casefold()


def misspelt(surname: str, others: Iterable[str], *, titled: bool = False) -> str | None:
    """Return the only one of *others* that differs from a surname, in lower case, by one letter, if it is a long
    one, "daveport" is "davenport", or *titled*: "Ms Chada" is somebody named in full before.
    """
    if len(surname) < (MIN_MISSPELT_TITLED if titled else MIN_MISSPELT):
        return None
    found = [other for other in others if other[0] == surname[0] and _is_one_off(surname, other)]
    return found[0] if len(found) == 1 else None


def _is_one_off(one: str, other: str) -> bool:
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if len(longer) > len(shorter) + 1 or longer in {shorter, f"{shorter}s"}:
        return False
    same = next((i for i, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), len(shorter))
    return longer[same + 1 :] in {shorter[same:], shorter[same + 1 :]}


def acronyms_of(name: str) -> frozenset[str]:
    """Return the initials that may stand for a name, in capitals: of its main words, of all of them and of those
    without a company's form (``CBI``; ``DJ`` and ``DOJ``; ``TWA``).  Empty for a name of one word.
    """
    words = [w for w in re.split(r"[\s\-–]+", name) if w and w[0].isalpha()]
    main = [w for w in words if w.lower() not in SMALL_WORDS]
    if len(words) < 2:
        return frozenset()
    bare = [w for w in main if w.lower().strip(".") not in _SUFFIXES]
    spelt = ("".join(w[0] for w in chosen).upper() for chosen in (main, words, bare))
    return frozenset(initials for initials in spelt if len(initials) > 1)
