"""Attributed statements out of what the tagger found: outer ones, and those inside the content of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from streams.enrich.addressees import is_addressee
from streams.enrich.drafts import ClaimDraft, LinkDraft, Range
from streams.enrich.framing import framed
from streams.enrich.headlines import headline_end, is_label, on_one_side
from streams.enrich.quotes import Quote
from streams.enrich.rejoined import rejoined
from streams.enrich.sentences import Sentence
from streams.tagger.attributions import Attribution
from streams.tagger.tagger import Tagged

__all__ = ["claims_of"]

_THAT: Final = re.compile(r"that\s+(?=\S)", re.IGNORECASE)
_ACT: Final = re.compile(
    r"(?:I|We) (?:have |’ve |'ve |hereby |now |also )*"
    r"(?:instruct|order|ask|urge|demand|call(?:ed)? (?:on|upon|for)|appeal|promise|pledge|vow|apologi[sz]e|warn)(?:ed|d)?\b"
)
_PART: Final = re.compile(
    r"\W*(?:an?|the|no|(?:the\s)?(?:recent|earlier|previous|latest|new|initial|alleged|annual)|(?:part|some|most|one)\sof)?\W*",
    re.IGNORECASE,
)
"""No source by itself: the rest of it was not found."""
_BEHIND: Final = re.compile(
    r"(?:[,;:–—\s-]|(?<=\s)(?:and|or|who|that|has|have|had|also|today|yesterday|earlier|later|previously|recently|now)$)+$"
)
_BEFORE: Final = re.compile(r"['’\"”)\]]+\s+|[,.;:–—-]+\s*|\s+")
_AND_BEHIND: Final = re.compile(r"\s(?:and|&)\s(?!then\b|also\b|later\b)(?:[\w'’.-]+\s){1,6}")
_LETTER: Final = re.compile(r"\w")
_NEGATION: Final = re.compile(r"\b(?:not|never|nor|neither)\b|n[’']t\b", re.IGNORECASE)


def claims_of(
    text: str, tagged: Tagged, sentences: Sequence[Sentence], quotes: Sequence[Quote]
) -> list[ClaimDraft]:
    """Return the claims of one text, the outer ones in text order and then those within."""
    drafts: list[ClaimDraft] = []
    end = headline_end(text)
    names = [name.at for name in tagged.names]
    for found in rejoined(text, tagged.attributions, sentences):
        if end is not None:
            found = found._replace(content=on_one_side(found, end))  # noqa: PLW2901
            if is_label(text, found, end):
                continue
        content, acts = _parted(text, _content(text, found, quotes))
        within = _touched(sentences, found)
        floating = found.cue is None and found.source is None and _follows(drafts, sentences, within)
        link = LinkDraft(continues=True) if floating else _link(text, found, names)
        drafts.append(framed(content, within, link, found.evidence))
        drafts += [
            framed([act], _holding(sentences, [act]), LinkDraft(continues=True), found.evidence)
            for act in acts
        ]
    contents = [draft.content for draft in drafts]
    for found in tagged.nested:
        if any(_stands_in(found, content) for content in contents):
            content = _content(text, found, quotes)
            drafts.append(
                framed(content, _touched(sentences, found), _link(text, found, names), found.evidence)
            )
    return drafts


def _stands_in(found: Attribution, content: Sequence[Range]) -> bool:
    """Tell whether an attribution with a cue lies within a content and is not all of it."""
    if found.cue is None:
        return False
    return all(any(whole.contains(part) for whole in content) for part in (*found.content, found.cue))


def _link(text: str, found: Attribution, names: Sequence[Range]) -> LinkDraft:
    return LinkDraft(
        cues=[found.cue] if found.cue else [],
        negated=found.cue is not None and _NEGATION.search(text, *found.cue) is not None,
        sources=[
            _trimmed(text, _whole(text, _with_names(at, names, found.cue), found.cue))
            for at in _present(found.source)
            if not (_PART.fullmatch(text, *at) or is_addressee(text, found.cue, at))
        ],
    )


def _parted(text: str, content: list[Range]) -> tuple[list[Range], list[Range]]:
    """Part from a content the later pieces by which its speaker does something else than say: "I have instructed …"."""
    acts = [part for part in content[1:] if _ACT.match(text, *part)]
    return [part for part in content if part not in acts], acts


def _content(text: str, found: Attribution, quotes: Sequence[Quote]) -> list[Range]:
    """Leave out the conjunction that a content hangs on: by the contract it is no part of it."""
    first, *others = found.content
    behind = found.cue is not None and found.cue.end <= first.start
    if behind and (that := _THAT.match(text, *first)):
        first = Range(that.end(), first.end)
    return [_unquoted(text, part, quotes) for part in (first, *others)]


def _unquoted(text: str, part: Range, quotes: Sequence[Quote]) -> Range:
    """Leave out marks that enclose the whole part, as contents by the contract do; a quotation that is never closed
    ends with its paragraph.
    """
    for quote in quotes:
        if not quote.closed and not quote.resumed and quote.outer.start <= part.start <= quote.inner.start:
            return Range(quote.inner.start, max(quote.inner.start + 1, min(part.end, quote.inner.end)))
        if part.overlaps(quote.inner):
            outside = (
                text[part.start : max(part.start, quote.inner.start)],
                text[min(part.end, quote.inner.end) : part.end],
            )
            if not any(_LETTER.search(piece) for piece in outside):
                return Range(max(part.start, quote.inner.start), min(part.end, quote.inner.end))
    return part


def _whole(text: str, source: Range, cue: Range | None) -> Range:
    """Return a source with what an "and" joins to it right before its cue: "Trade | and Industry Secretary Ada Quill"."""
    if cue is None or not _AND_BEHIND.fullmatch(text, source.end, cue.start):
        return source
    return Range(source.start, source.end + len(text[source.end : cue.start].rstrip()))


def _with_names(source: Range, names: Sequence[Range], cue: Range | None) -> Range:
    """Return a source with all of each name that it has a part of: "the Bureau of | Investigation"."""
    for name in names:
        if name.overlaps(source) and (cue is None or not name.overlaps(cue)):
            source = Range(min(source.start, name.start), max(source.end, name.end))
    return source


def _trimmed(text: str, source: Range) -> Range:
    """Leave out a mark before a source and a comma, a conjunction or an adverb behind it; a source that is nothing
    else stays.
    """
    before = _BEFORE.match(text, *source)
    first = before.end() if before and before.end() < source.end else source.start
    behind = _BEHIND.search(text[first : source.end])
    return Range(first, first + behind.start() if behind and behind.start() else source.end)


def _touched(sentences: Sequence[Sentence], found: Attribution) -> list[Sentence]:
    """Return the sentences that hold any part of an attribution."""
    return _holding(sentences, [*found.content, *_present(found.cue, found.source)])


def _holding(sentences: Sequence[Sentence], parts: Sequence[Range]) -> list[Sentence]:
    return [sentence for sentence in sentences if any(sentence.at.overlaps(at) for at in parts)]


def _present(*ranges: Range | None) -> Iterator[Range]:
    return (at for at in ranges if at is not None)


def _follows(drafts: Sequence[ClaimDraft], sentences: Sequence[Sentence], within: Sequence[Sentence]) -> bool:
    """Tell whether a quotation without attribution stands right behind a quoted claim: it goes on."""
    if not drafts or not drafts[-1].verbatim or not within or not within[0].quotes:
        return False
    number = next(i for i, sentence in enumerate(sentences) if sentence is within[0])
    near = sentences[max(0, number - 1) : number + 1]
    return any(sentence.at == at for sentence in near for at in drafts[-1].context)
