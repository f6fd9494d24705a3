"""Contents that were found in two pieces."""

from __future__ import annotations

import pytest

from streams.enrich.drafts import Evidence, Range
from streams.enrich.quotes import find_quotes
from streams.enrich.rejoined import rejoined
from streams.enrich.sentences import to_sentences
from streams.tagger.attributions import Attribution

TEXT = 'It rained. The bridge leaks for all to see by what crews called "rust," Ada Quill said. It is old.'
STARTS = [0, TEXT.index("The bridge"), TEXT.index("It is old")]
SURE = Evidence(begin=0.9, within=0.8, end=0.7, cue=0.6, source=0.5)
UNSURE = Evidence(begin=0.4, within=0.3, end=0.2, cue=0.0, source=0.0)


def at(words: str) -> Range:
    return Range(TEXT.index(words), TEXT.index(words) + len(words))


def found(content: str, cue: str | None, source: str | None, evidence: Evidence) -> Attribution:
    return Attribution([at(content)], at(cue) if cue else None, at(source) if source else None, evidence)


def joined(*attributions: Attribution) -> list[Attribution]:
    return rejoined(TEXT, attributions, to_sentences(TEXT, STARTS, find_quotes(TEXT)))


OPENS = found("The bridge leaks", "said", "Ada Quill", SURE)
ENDS = found('by what crews called "rust,"', None, None, UNSURE)


def test_what_stands_right_before_who_says_it_is_part_of_it() -> None:
    whole = at('The bridge leaks for all to see by what crews called "rust,"')
    evidence = Evidence(begin=0.9, within=0.3, end=0.2, cue=0.6, source=0.5)
    assert joined(OPENS, ENDS) == [Attribution([whole], OPENS.cue, OPENS.source, evidence)]


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (OPENS, found('by what crews called "rust,"', "called", "crews", UNSURE)),
        (OPENS, found("for all", None, None, UNSURE)),
        (OPENS, found("It is old.", None, None, UNSURE)),
        (found("It rained", "said", "Ada Quill", SURE), ENDS),
        (found("The bridge leaks", None, None, SURE), ENDS),
    ],
)
def test_what_has_a_source_or_stands_elsewhere_is_a_content_of_its_own(
    first: Attribution, rest: Attribution
) -> None:
    assert joined(first, rest) == [first, rest]
