"""What an article says about itself in its text: dateline, credits and corrections, each as a span.

A span reproduces the stored text exactly; what is no explicit notice is not taken for one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from schemas.article import Correction
from schemas.base import Span
from schemas.vocabulary import CorrectionKind

__all__ = ["corrections_of", "credits_of", "dateline_of"]

_MOST_NOTICES: Final = 50
_LONGEST_NOTICE: Final = 1_500
_DATELINE_WITHIN: Final = 200

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’.-]+(?:[ /][A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’.-]*){0,4}"
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w'’.-]+(?:[ /][A-ZÀ-ÖØ-Þ][\w'’.-]*){0,3}"
_REST = rf"(?:, {_CAPITALISED}){{0,2}}(?:, {_DAY})?"
_AGENCY = r" \((?:[A-Z][\w .&/’'-]{1,40}|dpa|dapd|epd|afp|ap|apa|sda|ntb|ots)\)"
_DATELINE = re.compile(
    rf"\s*(?P<dateline>{_CAPITALS}{_REST}(?:{_AGENCY})?|{_CAPITALISED}{_REST}{_AGENCY}|{_CAPITALISED}, {_DAY})"
    r"\s*(?:--+|[-–—])\s"
    r"|\s*(?P<wide>【[^】\n]{2,40}】)"
)
_NO_PLACE = re.compile(
    r"(?:UPDATE|BREAKING|WATCH|EXCLUSIVE|LIVE|VIDEO|PHOTOS?|OPINION|ANALYSIS|FACTBOX|EXPLAINER|CORRECTED|RPT|NOTE"
    r"|READ|Q&A|FILE|PRESS RELEASE|MEDIA RELEASE|FOR IMMEDIATE RELEASE|STATEMENT)\b"
)
_HEADLINE = re.compile(r"\s*\S[^\n]{0,149}[^\s.!?…]\s*\n\s*\n")
"""What may stand before a dateline in plain text: one short line without a full stop, and a blank one."""

_AGENCIES = (
    r"(?:AP|AFP|Reuters|dpa|DPA|ANSA|EFE|PTI|ANI|IANS|Xinhua|TASS|Interfax|Bloomberg|UPI|AAP|CP|PA Media|Press"
    r" Association|The Associated Press|Associated Press|Agence France-Presse|The Canadian Press)"
)
_OWN_LINE = r"(?:^|(?<=\n)|(?<=\())[ \t]*"
# Each with the words that it needs, in lower case: looking for them first costs a hundredth.
_CREDITS: Final[tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]] = (
    (
        ("contributed",),
        re.compile(
            r"\bcontributed (?:(?:\w+ ){0,2}(?:to|for) (?:this|the) (?:report|story|article|piece|dispatch)"
            r"|(?:additional )?(?:reporting|research))\b",
            re.IGNORECASE,
        ),
    ),
    (
        ("this article", "this story", "this report", "this piece"),
        re.compile(
            r"\bThis (?:article|story|report|piece) (?:was|is|has been|first|originally) (?:\w+ ){0,3}"
            r"(?:published|republished|produced|provided|supplied|appeared|syndicated|translated)\b"
        ),
    ),
    (("originally published",), re.compile(r"\bOriginally published (?:by|in|on|at)\b", re.IGNORECASE)),
    (("©", "(c) ", "copyright "), re.compile(r"(?:\(c\)|©|\bCopyright(?: ©)?) ?\d{4} ", re.IGNORECASE)),
    (
        (
            "reporting",
            "writing by",
            "editing by",
            "research by",
            "files from",
            "compiled by",
            "translated",
            "with inputs",
        ),
        re.compile(
            rf"{_OWN_LINE}(?:(?:Additional |Further )?(?:reporting|writing|editing|research)"
            r" (?:by|and (?:writing|editing) by)|With (?:reporting|files|additional reporting|inputs?"
            r"|contributions?) (?:by|from)|Compiled by|Translated (?:from \w+ )?by)\b",
            re.IGNORECASE,
        ),
    ),
)
_SIGNED = re.compile(
    rf"(?:^|(?<=\n))[ \t]*(?:[-–—/(\[][ \t]*)?{_AGENCIES}(?:/{_AGENCIES})*[ \t]*[)\]]?[ \t]*(?=\n|$)"
)
"""An agency's name alone on a line: a signature at the end, a word of a list anywhere else."""
_SIGNATURE_WITHIN: Final = 400

_CHANGE_WORDS: Final = (
    "correct", "clarif", "retract", "corrig", "errat", "berichtig", "korrekt", "editor", "update", "version",
    "amended", "revised", "withdrawn", "refiled", "previous", "original", "prior ", "earlier",
)  # fmt: skip
_CORRECTION_LINE = re.compile(
    r"(?:^|(?<=\n))[^\w\n]{0,4}(?P<head>Corrections?(?: and clarifications?)?|Clarifications?|Retraction|Correct(?:ed|s)"
    r"|Corrigendum|Erratum|Berichtigung|Korrektur|Editor[’']?s['’]? note|Update[d]?)\b[^:\n–—]{0,60}(?::(?=\s|$)|\s[–—-])",
    re.IGNORECASE,
)
_WORK = r"(?:article|story|report|post|headline|piece|column|caption|copy|version|dispatch)"
_CORRECTION_SENTENCE = re.compile(
    rf"\b(?:(?:an|a|the) (?:earlier|previous|prior|original) (?:\w+ )?(?:version|edition|copy) of (?:this|the|our) {_WORK}"
    rf"|(?:an|a|the) (?:earlier|previous|prior|original) {_WORK} (?:misstated|incorrectly|wrongly|mis\w+ed|gave the wrong)"
    rf"|this (?:[\w.,]+ ){{0,5}}?{_WORK} (?:has been|was|is) (?:\w+ )?(?:corrected|amended|clarified|revised|retracted"
    rf"|withdrawn|updated|refiled)"
    rf"|(?:has been|is) (?:corrected|refiled) to\b"
    rf"|(?:corrects|corrected) (?:paragraph|headline|the headline|spelling|name|day|date|figure|typographical|typo))",
    re.IGNORECASE,
)
_ABOUT_A_CHANGE = re.compile(
    r"\b(?:correct|clarif|retract|withdr|updated|amended|earlier version|previous version)", re.IGNORECASE
)
_KINDS: Final[tuple[tuple[re.Pattern[str], CorrectionKind], ...]] = (
    (re.compile(r"retract|withdr", re.IGNORECASE), "retraction"),
    (re.compile(r"correct|corrig|errat|berichtig|korrekt|misstat|wrongly|mis(?:spell|identif)|amended", re.IGNORECASE), "correction"),
    (re.compile(r"clarif", re.IGNORECASE), "clarification"),
    (re.compile(r"updat|revised", re.IGNORECASE), "update"),
)  # fmt: skip
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s|$)")


def dateline_of(text: str) -> Span | None:
    """Return the place, and the date and agency if named, that open *text* before a dash, at its beginning or
    under its headline.
    """
    return _dateline_at(text, 0) or (
        _dateline_at(text, headline.end()) if (headline := _HEADLINE.match(text)) else None
    )


def _dateline_at(text: str, position: int) -> Span | None:
    match = _DATELINE.match(text, position, position + _DATELINE_WITHIN)
    if match is None:
        return None
    group = "dateline" if match["dateline"] else "wide"
    start, end = match.span(group)
    return None if _NO_PLACE.match(text, start) else _span(text, start, end)


def credits_of(text: str) -> list[Span]:
    """Return the sentences, lines or brackets that say who contributed to a text or supplied it."""
    lower = text.lower()
    spans = [
        _around(text, match)
        for needles, pattern in _CREDITS
        if any(needle in lower for needle in needles)
        for match in islice(pattern.finditer(text), _MOST_NOTICES)
    ]
    ends = max(0, len(text) - _SIGNATURE_WITHIN)
    spans += [_span(text, *_trimmed(text, *match.span())) for match in _SIGNED.finditer(text, ends)]
    return _apart(spans)


def corrections_of(text: str) -> list[Correction]:
    """Return the explicit notices that something was corrected, clarified, updated or withdrawn."""
    lower = text.lower()
    if not any(word in lower for word in _CHANGE_WORDS):
        return []
    lines = []
    for match in islice(_CORRECTION_LINE.finditer(text), _MOST_NOTICES):
        line = _span(text, *_trimmed(text, match.start("head"), _line_end(text, match.end())))
        if not match["head"].casefold().startswith("editor") or _ABOUT_A_CHANGE.search(line.exact):
            lines.append(line)
    found = islice(_CORRECTION_SENTENCE.finditer(text), _MOST_NOTICES)
    sentences = [_around(text, match) for match in found]
    return [Correction(span=span, kind=_kind(span.exact)) for span in _apart([*lines, *sentences])]


def _kind(notice: str) -> CorrectionKind:
    # What the notice is called counts before what it tells.
    head = notice.partition(":")[0] if ":" in notice[:80] else ""
    for where in (head, notice):
        for pattern, kind in _KINDS:
            if pattern.search(where):
                return kind
    return "other"


def _span(text: str, start: int, end: int) -> Span:
    return Span(field="text", start=start, end=end, exact=text[start:end])


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return min(len(text) if end < 0 else end, position + _LONGEST_NOTICE)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _around(text: str, match: re.Match[str]) -> Span:
    """Return the sentence that *match* stands in, within its line."""
    start = max(text.rfind("\n", 0, match.start() + 1) + 1, match.start() - _LONGEST_NOTICE)
    for stop in _SENTENCE_END.finditer(text, start, match.start()):
        start = stop.end()
    line_end = _line_end(text, max(match.end() - 1, match.start()))
    stop_after = _SENTENCE_END.search(text, match.end(), line_end)
    end = stop_after.end() if stop_after else max(line_end, match.end())
    return _span(text, *_trimmed(text, start, end))


def _apart(spans: list[Span]) -> list[Span]:
    """Keep what does not overlap anything before it, in text order."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.exact and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return kept[:_MOST_NOTICES]
