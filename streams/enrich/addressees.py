"""Who is told, not who tells: the subject of "was told", of "is expected to", a court that heard, "the witness" to whom
something is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from streams.enrich.drafts import Range

__all__ = ["is_addressee", "told_to"]

_BE: Final = r"(?:is|are|was|were|be|been|being|’s|'s|’re|'re|got)"
_SAID_OF: Final = (
    "told|asked|ordered|expected|said|thought|believed|reported|learnt|learned|understood|alleged|accused|rumoured|"
    "rumored|estimated|predicted|forecast|known|considered|supposed|required|urged|warned|invited|advised|reminded|"
    "instructed|informed|assured|scheduled|projected|tipped|presumed|feared|hoped|seen|called|described|named|"
    "criticised|criticized|blamed|praised|suspected|promised|assumed|deemed|regarded|viewed|directed|questioned|"
    "announced|revealed|confirmed|claimed|suggested|recommended|proposed|acknowledged|disclosed|divulged|stated|denied|argued|"
    "noted|cautioned|hailed|condemned|denounced|branded|dubbed|labelled|labeled|touted|credited|foreseen|challenged|"
    "attacked|begged|pressed|charged|sued|valued|intended"
)
_PASSIVE: Final = re.compile(
    rf"\b{_BE}\s+(?:\w+ly\s+|not\s+|also\s+|still\s+|now\s+|once\s+|being\s+|widely\s+)*(?:{_SAID_OF})\b",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"\bas\s+\w+ing\b", re.IGNORECASE)
"""In "was quoted as saying" the subject does speak."""
_HEARD: Final = re.compile(r"\b(?:heard|hears)\b", re.IGNORECASE)
_ASSEMBLY: Final = re.compile(
    r"\b(?:court|inquest|hearing|jury|jurors|tribunal|inquiry|meeting|conference|parliament|committee)\b",
    re.IGNORECASE,
)
_NOTHING: Final = re.compile(r"it", re.IGNORECASE)
_HAPPENS: Final = re.compile(
    rf"(?:{_BE}\s+)?(?:emerged|emerges|turned out|turns out|appears|appeared|seems|seemed)\b"
)
"""In "it emerged that" nobody is "it"."""
_PARTICIPLE: Final = re.compile(
    r"(?:Asked|Questioned|Pressed|Pushed|Told|Reminded|Informed|Challenged|Confronted|Quizzed|Warned)\b"
)
"""Opens a sentence: "Asked whether he was ill, the mayor …"."""
_SENTENCE_END: Final = re.compile(r"[.!?]['’\"”)]*\s+[^\W\da-z]")
_BY: Final = re.compile(r"\bby\s+(?:the\s+)?$", re.IGNORECASE)
_TOLD: Final = re.compile(
    r"\s(?:to\s|from\s|of\s)?((?:the|a|an|one|his|her|their|its)\s(?:[a-z-]+\s){0,2}?[a-z-]+)"
    r"(?=,|\s(?:that|whether|if|how|why|what|when|where|who)\b)"
)
"""Somebody who is described right behind a verb of saying, and what follows him."""
MAX_BEFORE: Final = 24
"""Code points before a cue in which its auxiliary may stand."""


def is_addressee(text: str, cue: Range | None, source: Range) -> bool:
    """Tell whether what was found as the source of *cue* is whom it is said to or of."""
    if cue is None:
        return False
    words = text[cue.start : cue.end]
    if _PARTICIPLE.match(words):
        return not _BY.search(text, max(0, source.start - MAX_BEFORE), source.start)
    if cue.start < source.start:
        # Behind the verb stands who does it: "was told by", "said"; behind a passive one only after "by".
        if _PASSIVE.match(words) is None:
            return False
        by = _BY.search(text, max(cue.end, source.start - MAX_BEFORE), source.start)
        return by is None or _SENTENCE_END.search(text, cue.end, source.start + 1) is not None
    if _NOTHING.fullmatch(text, *source) and _HAPPENS.match(words):
        return True
    if _HEARD.search(words) and _ASSEMBLY.search(text, *source):
        return True
    before = max(source.end, cue.start - MAX_BEFORE)
    passive = _PASSIVE.search(text, before, cue.end)
    if passive is None or passive.end() <= cue.start or _QUOTED.search(words):
        return False
    return not _BY.search(text, max(0, source.start - MAX_BEFORE), source.start)


def told_to(text: str, cues: Sequence[Range]) -> Range | None:
    """Return who is described right behind a claim's cue: "suggested to the witness that"."""
    told = _TOLD.match(text, cues[-1].end) if cues else None
    return Range(*told.span(1)) if told else None
