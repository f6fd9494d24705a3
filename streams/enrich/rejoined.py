"""Contents that were found in two pieces: what stands right before "…, Reuters reported" belongs to what opens the
sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from streams.enrich.drafts import Range
from streams.enrich.sentences import Sentence
from streams.tagger.attributions import Attribution

__all__ = ["rejoined"]

_BETWEEN: Final = re.compile(r"[\s,'’\"”)–—-]*")
"""May stand between a content and the source or cue behind it."""


def rejoined(text: str, found: Sequence[Attribution], sentences: Sequence[Sentence]) -> list[Attribution]:
    """Return attributions, and where a content without cue and source ends right before those of another one, whose
    content opens the same sentence, one for both, with what stands between them.
    """
    joined: list[Attribution] = []
    for one in found:
        if joined and (whole := _joined(text, joined[-1], one, sentences)):
            joined[-1] = whole
        else:
            joined.append(one)
    return joined


def _joined(
    text: str, first: Attribution, rest: Attribution, sentences: Sequence[Sentence]
) -> Attribution | None:
    if rest.cue is not None or rest.source is not None or first.cue is None:
        return None
    said = min(at.start for at in (first.cue, first.source) if at is not None)
    begin, end = first.content[-1], rest.content[-1].end
    if not (begin.end <= rest.content[0].start and _BETWEEN.fullmatch(text, end, said)):
        return None
    whole = Range(begin.start, end)
    if not any(sentence.at.contains(Range(whole.start, said)) for sentence in sentences):
        return None
    return first._replace(
        content=[*first.content[:-1], whole],
        # No surer than its less sure piece.
        evidence=first.evidence._replace(
            within=min(first.evidence.within, rest.evidence.within), end=rest.evidence.end
        ),
    )
