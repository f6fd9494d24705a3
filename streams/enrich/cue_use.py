"""Which row of the table of cues a claim's cue is, and how it is used: negated, passive, before an infinitive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from schemas.vocabulary import CueClass
from streams.enrich.cue_choice import best_cue
from streams.enrich.cues import CLASSES, CueEntry, CueRow
from streams.enrich.drafts import Range
from streams.enrich.markers import Word, value_of, words_in

__all__ = ["CueUse", "cue_use"]

MAX_BEFORE: Final = 80
"""Code points before a cue in which its auxiliaries and negations are looked for."""
MAX_BEHIND: Final = 3
"""Words behind a cue's span that may be its particles: "ruled" of "ruled out"."""
MAX_GAP: Final = 120
"""Code points that may stand between a cue and the "whether" before its content."""
_BREAKS: Final = re.compile(r"[.!?;:,]\s|[\"“”()]|\n\s*\n|--|[—–]")
_BE: Final = frozenset("is are was were be been being am isn't aren't wasn't weren't gets got".split())
_AUXILIARIES: Final = _BE | frozenset(
    "has have had having do does did will would can could may might must should shall to 'd 'll 've".split()
)
_ADVERBS: Final = frozenset(
    "also again still even just once then ever yet now already often always later soon since only further "
    "so far as has both either immediate immediately any".split()
)
_UNSAID: Final = frozenset("to can could must should".split())
_NOBODY: Final = frozenset("no neither nobody none nothing few".split())
_WH: Final = frozenset("whether how what why when where who whom which whose".split())
_INFINITIVE: Final = re.compile(r"[\W_]*(?:not\s+)?to\s+[a-z]", re.IGNORECASE)
_SPEECH: Final[frozenset[CueClass]] = frozenset(
    ("state", "announce", "report", "confirm", "disclose", "predict", "suggest", "estimate", "decline")
)
"""Who refuses one of these declines to speak; who refuses to deny does not deny."""


class CueUse(msgspec.Struct, frozen=True, kw_only=True):
    """A cue in its sentence."""

    words: list[Word] = []
    """Empty for a floating quotation, a dash or a colon."""
    at: Range
    """The cue with its auxiliaries."""
    lemma: str | None = None
    cue_class: CueClass
    row: CueRow | None = None
    """Null where the table has none."""
    negated: bool = False
    passive: bool = False
    """Nobody is named who says it: "is said to"."""
    infinitive: bool = False
    question: Literal["whether", "how"] | None = None
    unsaid: bool = False
    """It is only to be said, or could be: "needs to explain how"."""


def cue_use(
    text: str,
    content: Sequence[Range],
    cues: Sequence[Range],
    sources: Sequence[Range],
    *,
    quoted: bool = False,
    negated: bool = False,
) -> CueUse:
    """Look a cue up; see `attributes.attributes_of` for the arguments."""
    words = [word for cue in cues for word in words_in(text, cue)]
    infinitive = _is_infinitive(text, content)
    if not words:
        at = content[0] if content else Range(0, 0)
        return CueUse(at=Range(at.start, at.start), cue_class="none", infinitive=infinitive)
    before = _before(text, words[0].at.start, sources)
    behind = _behind(text, words[-1].at.end, content)
    lower = [word.lower for word in (*before, *words, *behind)]
    left = words_in(text, Range(max(0, words[0].at.start - MAX_BEFORE), words[0].at.start))
    best = best_cue(lower, len(before), len(before) + len(words), left[-1].lower if left else "")
    head = best.start if best else len(before) + len(words) - 1
    negations = [word for word in lower[:head] if value_of(word, "negation") is not None]
    refusals = [word for word in lower[:head] if value_of(word, "refusal") is not None]
    is_negated = bool(negations) or negated or _is_nobody(text, sources)
    refused = len(refusals) % 2 == 1
    passive = not sources and _is_passive(lower, head, best.entry if best else None)
    asks = best is not None and "ask" in {row.cue_class for row in best.entry.rows.values()}
    question = _question(text, content, words[-1].at.end, uncertain=is_negated or refused or asks)
    at = Range((before or words)[0].at.start, words[-1].at.end)
    uses = {
        "negated": is_negated != refused,
        "passive": passive,
        "to": infinitive,
        "question": question is not None,
        "quoted": quoted,
        "": True,
    }
    unsaid = any(word.lower in _UNSAID for word in before)
    rows = best.entry.rows if best else {}
    row = next((rows[use] for use, holds in uses.items() if holds and use in rows), None)
    if best is None or row is None:
        return CueUse(
            words=words,
            at=at,
            cue_class="other",
            negated=uses["negated"],
            passive=passive,
            infinitive=infinitive,
            question=question,
            unsaid=unsaid,
        )
    lemma, cue_class = best.entry.lemma, row.cue_class
    said = rows.get("", row).cue_class  # "refused to rule out" refuses a denial, whatever that then suggests
    if refused and not is_negated and said in _SPEECH and value_of(refusals[-1], "refusal") == "":
        lemma, cue_class, row = (
            "decline",
            "decline",
            CueRow(when="", cue_class="decline", values=CLASSES["decline"]),
        )
    return CueUse(
        words=words,
        at=at,
        lemma=lemma,
        cue_class=cue_class,
        row=row,
        negated=uses["negated"] and row.when != "negated" and cue_class != "decline",
        passive=passive,
        infinitive=infinitive,
        question=question,
        unsaid=unsaid,
    )


def _before(text: str, cue: int, sources: Sequence[Range]) -> list[Word]:
    """Return the auxiliaries, negations and adverbs right before a cue, also those before an inverted source:
    "did Quill deny".
    """
    start = max(0, cue - MAX_BEFORE)
    for end in _BREAKS.finditer(text, start, cue):
        start = end.end()
    kept: list[Word] = []
    for word in reversed(words_in(text, Range(start, cue))):
        if any(source.overlaps(word.at) for source in sources):
            continue
        if not _goes_with_cue(word.lower):
            break
        kept.append(word)
    return kept[::-1]


def _goes_with_cue(word: str) -> bool:
    return (
        word in _AUXILIARIES
        or word in _ADVERBS
        or word.endswith("ly")
        or value_of(word, "negation") is not None
        or value_of(word, "refusal") is not None
    )


def _behind(text: str, cue: int, content: Sequence[Range]) -> list[Word]:
    end = min([cue + MAX_BEFORE, *(part.start for part in content if part.start >= cue)])
    found = _BREAKS.search(text, cue, end)
    return words_in(text, Range(cue, found.start() if found else end), MAX_BEHIND)


def _is_passive(lower: Sequence[str], head: int, entry: CueEntry | None) -> bool:
    if entry is None or entry.pos != "verb" or lower[head].endswith("ing") or lower[head] in entry.heads[:2]:
        return False
    at = head - 1
    while at >= 0 and (
        lower[at] in _ADVERBS or lower[at].endswith("ly") or value_of(lower[at], "negation") is not None
    ):
        at -= 1
    return at >= 0 and lower[at] in _BE


def _is_nobody(text: str, sources: Sequence[Range]) -> bool:
    return any(word.lower in _NOBODY for source in sources for word in words_in(text, source, 1))


def _is_infinitive(text: str, content: Sequence[Range]) -> bool:
    return any(_INFINITIVE.match(text, *part) for part in content[:1])


def _question(
    text: str, content: Sequence[Range], cue: int, *, uncertain: bool
) -> Literal["whether", "how"] | None:
    """Tell which question the content answers: by its first word, or by the last before it.  "if" is a condition
    unless what is said of the cue is *uncertain*.
    """
    if not content:
        return None
    start = content[0].start
    between = words_in(text, Range(cue, start))[-1:] if cue <= start <= cue + MAX_GAP else []
    for word in (*between, *words_in(text, content[0], 1)):
        if word.lower == "whether" or (word.lower == "if" and (uncertain or word in between)):
            return "whether"
        if word.lower in _WH:
            return "how"
    return None
