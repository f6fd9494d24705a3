"""Whom a sentence is about: who is named at its beginning, or behind a clause that opens it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from streams.enrich.drafts import Range
from streams.enrich.named_text import NamedText
from streams.enrich.names import TITLE_NOUNS

__all__ = ["body_before", "sentences_before", "subject_before", "subject_behind"]

_SENTENCE_END: Final = re.compile(r"[.!?:]['’\"”)]*\s+(?=\S)|\n\s*|^")
_OPENING: Final = re.compile(r"(?:(?:But|And|Yet|However|Also|Later|Meanwhile|Still|Instead),?\s+)?")
"""May stand before a pronoun that begins its sentence."""
_ADVERBIAL: Final = re.compile(
    r"(?:But\s)?(?:In|On|At|During|After|Before|While|When|As|Speaking|Writing|Asked|With|For|By|From|Despite|Although|"
    r"Though|If|Under|Earlier|Last)\b[^\"“”]*",
    re.IGNORECASE,
)
"""So may this, if it names nobody: "In a letter to the fund he wrote"."""
_NOUNS: Final = "|".join(sorted(TITLE_NOUNS))
_TITLES: Final = re.compile(
    r"(?:(?:But|And|Yet|However|Meanwhile|Earlier),?\s+|[A-Z][^,.;:()“”\"]{1,60},\s+)?"
    rf"(?:(?:[A-Z][\w'’&-]*\s+){{0,4}}(?i:{_NOUNS}|rep)\.?\s+)?"
)
"""May stand before a person's name that begins its sentence: "In other comments, Roads Minister"."""
_ASKED: Final = re.compile(
    r"(?:Asked|Questioned|Pressed|Pushed|Challenged|Quizzed|Reminded|Told)\b[^.!?“”\"]*"
)
"""Opens a sentence whose subject stands behind a pronoun for it: "Asked if she was ill, Quill said …"."""
_BEHIND_COMMA: Final = re.compile(
    rf",\s+(?:(?:[A-Z][\w'’&-]*\s+){{0,4}}(?i:{_NOUNS}|mr|mrs|ms|miss|dr|rep|sen)\.?\s+)?$"
)
_BODY_OPENING: Final = re.compile(
    r"(?:(?:But|And|Yet|However|Meanwhile|Earlier),?\s+|(?:In|On|At|Last)\s[^,.;:()“”\"]{1,60},\s+)?"
    r"(?:[\w'’.&-]+\s+){0,6}",
    re.IGNORECASE,
)
"""May stand before an organisation's name that its sentence is about: "The French market regulator"."""
MAX_SENTENCE: Final = 600
"""Code points in which the sentence before a pronoun begins."""


def sentences_before(text: str, place: int) -> list[int]:
    """Return where the sentences begin that do so before *place*, and not too far from it."""
    return [end.end() for end in _SENTENCE_END.finditer(text, max(0, place - MAX_SENTENCE), place)]


def subject_before(
    doc: NamedText, at: Range, is_meant: Callable[[int], bool], is_sure: Callable[[int], bool]
) -> tuple[Range, int] | None:
    """Return the person with whose name the sentence before begins, for a pronoun that begins its own: "Ada Quill
    resigned. She said …".  *is_meant* tells whether a person may be, *is_sure* whether a gender is known.
    """
    begins = sentences_before(doc.text, at.start + 1)
    opening = Range(begins[-1], at.start) if len(begins) > 1 else None
    if opening is None or not (
        _OPENING.fullmatch(doc.text, *opening) or _is_adverbial(doc, opening, is_meant)
    ):
        return None
    sentence = doc.text[begins[-2] : begins[-1]]
    if sentence.count('"') % 2 or sentence.count("“") != sentence.count("”"):
        # It goes on with a quotation.
        return None
    named = doc.within(Range(begins[-2], begins[-1]))
    if not named or not _TITLES.fullmatch(doc.text, begins[-2], named[0][0].start):
        return None
    persons = [entity for _, entity in named if is_meant(entity)]
    if persons[:1] != [named[0][1]]:
        return None
    subject, *others = persons
    fits_better = not is_sure(subject) and any(is_sure(other) for other in others)
    return None if fits_better else named[0]


def subject_behind(doc: NamedText, at: Range, is_meant: Callable[[int], bool]) -> tuple[Range, int] | None:
    """Return the person whose name behind a comma goes on with the sentence that *at* opens: "Asked if she …, Quill"."""
    begin = sentences_before(doc.text, at.start)[-1:]
    if not begin or not _ASKED.fullmatch(doc.text, begin[0], at.start):
        return None
    end = _SENTENCE_END.search(doc.text, at.end)
    for mention, entity in doc.within(Range(at.end, end.start() if end else len(doc.text))):
        if _BEHIND_COMMA.search(doc.text, at.end, mention.start):
            return (mention, entity) if is_meant(entity) else None
    return None


def body_before(doc: NamedText, at: Range, is_meant: Callable[[int], bool]) -> tuple[Range, int] | None:
    """Return the organisation with whose name the sentence of *at* begins, or where that names nothing the one before:
    "The Roads Agency sued Oil Corp. It said …".
    """
    # A sentence that goes on with a small letter was none: "the U.S. carrier".
    begins = [
        begin
        for begin in sentences_before(doc.text, at.start + 1)
        if not doc.text[begin : begin + 1].islower()
    ]
    for begin, end in reversed(list(pairwise([*begins, at.start]))):
        named = doc.within(Range(begin, end))
        for mention, entity in named:
            if is_meant(entity) and _BODY_OPENING.fullmatch(doc.text, begin, mention.start):
                return mention, entity
        if named:
            break
    return None


def _is_adverbial(doc: NamedText, at: Range, is_meant: Callable[[int], bool]) -> bool:
    """Tell whether what stands before a pronoun in its sentence says only when, where or how."""
    if not _ADVERBIAL.fullmatch(doc.text, *at):
        return False
    return not any(is_meant(entity) for _, entity in doc.within(at))
