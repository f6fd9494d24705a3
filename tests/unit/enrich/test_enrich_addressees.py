"""Who is told is not who tells."""

from __future__ import annotations

import pytest

from streams.enrich.addressees import is_addressee, told_to
from streams.enrich.drafts import Range


@pytest.mark.parametrize(
    ("text", "cue", "source", "addressee"),
    [
        ("The drivers had been told nothing would move.", "been told", "The drivers", True),
        ("The drivers had been told nothing would move.", "told", "The drivers", True),
        ("Bo Reed is expected to resign.", "is expected", "Bo Reed", True),
        ("It is learnt that Bo Reed resigned.", "is learnt", "It", True),
        ("He was reportedly ordered to leave.", "ordered", "He", True),
        ("They were also asked to leave.", "were also asked", "They", True),
        ("Asked whether it leaks, Bo Reed left.", "Asked", "Bo Reed", True),
        ("Asked by Ada Quill whether it leaks, Bo Reed left.", "Asked", "Ada Quill", False),
        ("A court heard that the bridge leaks.", "heard", "A court", True),
        ("Bo Reed was told by Ada Quill that it leaks.", "was told", "Ada Quill", False),
        ("Bo Reed was quoted as saying it leaks.", "was quoted as saying", "Bo Reed", False),
        ("Bo Reed told the court that it leaks.", "told", "Bo Reed", False),
        ("Bo Reed is worried that it leaks.", "is worried", "Bo Reed", False),
        ("Bo Reed has said that it leaks.", "said", "Bo Reed", False),
        ("Reminded that it leaks, Bo Reed left.", "Reminded", "Bo Reed", True),
        ("It emerged that it leaks.", "emerged", "It", True),
        ("Sources emerged to say it leaks.", "emerged", "Sources", False),
        ("It was confirmed that it leaks.", "was confirmed", "It", True),
        ("It is expected to leak. Ada Quill left.", "is expected", "Ada Quill", True),
        ("“It leaks.” said Ada Quill.", "said", "Ada Quill", False),
        ("By Ada Quill he was told that it leaks.", "was told", "Ada Quill", False),
    ],
)
def test_who_is_told(text: str, cue: str, source: str, addressee: bool) -> None:
    def at(words: str) -> Range:
        return Range(text.index(words), text.index(words) + len(words))

    assert is_addressee(text, at(cue), at(source)) is addressee


def test_without_a_cue_nobody_is_told() -> None:
    assert not is_addressee("“We won.” Ada Quill", None, Range(10, 19))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("He suggested to the first witness, a porter, that it leaks.", "the first witness"),
        ("He told a reporter that it leaks.", "a reporter"),
        ("He asked his old friend whether it leaks.", "his old friend"),
        ("He told Ada Quill that it leaks.", None),
        ("He said that it leaks.", None),
        ("He said the bridge leaks.", None),
    ],
)
def test_who_is_described_behind_the_cue(text: str, told: str | None) -> None:
    cue = text.split()[1]
    found = told_to(text, [Range(3, 3 + len(cue))])
    assert (found and text[found.start : found.end]) == told


def test_without_a_cue_nobody_is_described() -> None:
    assert told_to("“We won,” a porter", []) is None
