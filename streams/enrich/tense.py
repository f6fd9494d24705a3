"""The tense of a clause by its first finite verb, as far as its form alone tells."""

from __future__ import annotations

import re
from typing import Final

from streams.enrich.drafts import Range

__all__ = ["tense_of"]

_FINITE: Final = re.compile(
    r"\b(?P<future>will|shall|won['’]t|would|wouldn['’]t|(?:is|are|am|was|were) (?:not )?going to)\b"
    r"|(?P<future_short>['’](?:ll|d)\b)"
    r"|\b(?P<past>was|were|wasn['’]t|weren['’]t|had|hadn['’]t|did|didn['’]t|has|have|hasn['’]t|haven['’]t"
    r"|went|came|took|made|gave|got|saw|knew|said|told|found|left|lost|won|held|led|met|paid|sent|sold|spent"
    r"|rose|fell|grew|became|began|broke|brought|built|bought|caught|chose|cut|drew|fought|flew|kept|ran"
    r"|shot|spoke|stood|stole|struck|thought|threw|understood|wrote|\w{2,}(?<!e)ed)\b"
    r"|\b(?P<present>is|are|am|isn['’]t|aren['’]t|does|do|doesn['’]t|don['’]t|can|may|must|should"
    r"|might|could|cannot|can['’]t|remains?|needs?|wants?|plans?|expects?)\b|(?P<present_short>['’](?:s|re|m)\s)",
    re.IGNORECASE,
)
_HAVE: Final = re.compile(r"ha(?:s|ve)(?:n['’]t)?", re.IGNORECASE)
_PARTICIPLE: Final = re.compile(
    r"\s+(?:\w+ly\s+|not\s+|never\s+|also\s+|been\s+)*(?:been|\w+(?:ed|en|wn|ne|de|nt|ld|ft|id|ought)|won|met|put|begun|become|come|run|lost|led)\b"
)
_INFINITIVE: Final = re.compile(r"\W*(?:not\s+)?to\s+[a-z]", re.IGNORECASE)


def tense_of(text: str, within: Range) -> str | None:
    """Return past, present or future; null where the form does not tell.  An infinitive is future; a perfect
    is past; "would" is the future that was.
    """
    if _INFINITIVE.match(text, *within):
        return "future"
    found = _FINITE.search(text, *within)
    if found is None:
        return None
    kind = (found.lastgroup or "").removesuffix("_short")
    if _HAVE.fullmatch(found.group()) and not _PARTICIPLE.match(text, found.end(), within.end):
        return "present"
    return kind
