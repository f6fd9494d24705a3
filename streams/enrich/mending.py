"""Names as a recogniser marks them, set right where their words tell that a mark is wrong: initials and
hyphens cut in two, an office taken for its ministry, what is left over of a longer name.
"""

from __future__ import annotations

import re
from typing import Final

from streams.enrich.countries import country_of_demonym
from streams.enrich.drafts import Label, Range
from streams.enrich.names import HONORIFICS
from streams.enrich.peoples import MONEY

__all__ = ["mended"]

_INITIALS_BEFORE: Final = re.compile(r"(?<![\w.])(?:[A-Z]\.){1,3}$")
_INITIALS_BEHIND: Final = re.compile(r"(?:\.[A-Z])*\.(?!\w)")
_HYPHEN_BEHIND: Final = re.compile(r"-\w+")
_HEAD_BEHIND: Final = re.compile(
    r"(?:,?[ \n](?:and[ \n])?[A-Z][a-z]+){0,3}[ \n](?:Ministry|Department|Council|Committee|Commission|Agency|Bureau|Office|Authority|Court)\b(?! of\b)"
)
_HEAD_BEFORE: Final = re.compile(r"\b(?:Ministry|Department|Bureau|Office) (?:of|for)(?: the)? $")
_NAME_BEHIND: Final = re.compile(r"\.?[ \n][A-Z]")
_OFFICER_BEHIND: Final = re.compile(r"[ \n](?:\w+ )?(?:[Mm]inister|[Ss]ecretary|Under-?[Ss]ecretary)\b")
_OFFICER_BEFORE: Final = re.compile(r"\b(?:[Mm]inister|[Ss]ecretary)(?: of State)? (?:of|for)(?: the)? $")
_PORTFOLIO: Final = frozenset(
    "affairs agriculture business commerce communications culture defence defense development economic economy education "
    "employment energy environment finance fisheries foreign forestry health home housing immigration industry "
    "information infrastructure interior internal international justice labor labour planning science security "
    "social sport sports state technology tourism trade transport transportation treasury veterans war welfare works "
    "and for of the".split()
)
"""Words of what a ministry is for."""
_BODIES: Final = frozenset(
    "academy association bank board bureau centre center chamber college council department federation foundation house "
    "institute league ministry municipality museum society union university".split()
)
"""What goes on after "of" and "for": House of Lords, Museum of Flight."""
_SMALL_WORD: Final = re.compile(r"[a-z]{4,}[ \n]+(?=[A-Z])")
_JOIN_AT_END: Final = re.compile(r"[ \n](?:of|for)(?: the)?$")
_OF_BEHIND: Final = re.compile(
    r"[ \n](?:of|for)(?: the)?(?:[ \n](?:and )?[A-Z][\w’'-]*\b){1,5}(?<!’s)(?<!'s)"
)
_LEFT_OVER: Final = frozenset("affairs co corp corporation inc incorporated limited llc ltd plc".split())
"""Words that are no name alone."""
_SIDE: Final = re.compile(
    r"(?:north|south|east|west|central|northern|southern|eastern|western)(?:-\w+)?[ \n]+(?=[A-Z])"
)
_WORD_BEHIND: Final = re.compile(r"[ \n][A-Z][a-z]+")
_MONEY_BEHIND: Final = re.compile(rf"[$£€]|{MONEY}")
SHORTEST: Final = 2
"""Letters of the shortest name."""
_LONGEST_INITIALS: Final = 6


def mended(text: str, at: Range, label: Label) -> Range | None:
    """Return where a name stands in full, null where none does."""
    at = _whole_words(text, at)
    if sum(letter.isalpha() for letter in text[at.start : at.end]) < SHORTEST or _is_ticker(text, at):
        return None
    if label == "organisation":
        return _organisation(text, at)
    words = _words(text, at)
    if label == "place":
        return _place(text, at)
    if label == "person" and len(words) == 1 and words[0] in HONORIFICS and _NAME_BEHIND.match(text, at.end):
        return None
    return at


def _is_ticker(text: str, at: Range) -> bool:
    return (
        text[at.start - 1 : at.start] == "<"
        and text[at.end : at.end + 1] in {">", "."}
        and text[at.start : at.end].replace(".", "").isupper()
    )


def _place(text: str, at: Range) -> Range | None:
    """Leave out "west" of "west London" and the dollars of a country, take in "German" of "West German"."""
    if _MONEY_BEHIND.match(text, at.end):
        return None
    if side := _SIDE.match(text, at.start, at.end):
        return Range(side.end(), at.end)
    if behind := _WORD_BEHIND.match(text, at.end):
        whole = Range(at.start, behind.end())
        if country_of_demonym(" ".join(text[whole.start : whole.end].split())):
            return whole
    return at


def _whole_words(text: str, at: Range) -> Range:
    """Take in the letters of "U.S." and the second half of "Li Ka-shing" that a mark left out."""
    start, end = at
    if text[start : start + 1].isupper() and text[start + 1 : start + 2] in {".", ""}:
        before = _INITIALS_BEFORE.search(text, max(0, start - _LONGEST_INITIALS), start)
        start = before.start() if before else start
    if text[end - 1 : end].isupper() and (end - start == 1 or text[end - 2] == "."):
        behind = _INITIALS_BEHIND.match(text, end)
        end = behind.end() if behind else end
    if text[end - 1] == "-":
        end -= 1
    behind = _HYPHEN_BEHIND.match(text, end) if text[end - 1].isalpha() else None
    if behind and behind[0][1:].islower() and " " in text[start:end] and behind[0][1:] not in _JOINED:
        end = behind.end()
    return Range(start, end)


_JOINED: Final = frozenset(
    "area backed based born bound bred brokered built controlled dominated educated era financed funded governed headquartered held "
    "installed inspired led like listed made occupied owned produced related ruled run sponsored style supplied "
    "supported trained type wide".split()
)
"""What is put behind the name of something else: "Dallas-based"."""


def _organisation(text: str, at: Range) -> Range | None:
    if small := _SMALL_WORD.match(text, at.start, at.end):
        at = Range(small.end(), at.end)
    joined = _JOIN_AT_END.search(text, at.start, at.end)
    at = Range(at.start, joined.start()) if joined else at
    words = _words(text, at)
    if all(word in _PORTFOLIO for word in words):
        if behind := _HEAD_BEHIND.match(text, at.end):
            return Range(at.start, behind.end())
        if before := _HEAD_BEFORE.search(text, max(0, at.start - 30), at.start):
            return Range(before.start(), at.end)
        if _OFFICER_BEHIND.match(text, at.end) or _OFFICER_BEFORE.search(
            text, max(0, at.start - 40), at.start
        ):
            return None
    if (joined or (words and words[-1] in _BODIES)) and (behind := _OF_BEHIND.match(text, at.end)):
        return Range(at.start, behind.end())
    return None if len(words) == 1 and words[0] in _LEFT_OVER else at


def _words(text: str, at: Range) -> list[str]:
    return re.findall(r"[^\W\d_]+", text[at.start : at.end].lower())
