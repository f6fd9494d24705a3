"""Claims by rule, with the real parser: what is claimed, by which cue, by whom."""

from __future__ import annotations

import pytest

from streams.enrich.drafts import ClaimDraft, Range
from streams.enrich.layout import model_text
from streams.enrich.spacy_model import SpacyModel


def read(model: SpacyModel, text: str) -> list[ClaimDraft]:
    return model.read([model_text(text)])[0].claims


def words(text: str, ranges: list[Range]) -> list[str]:
    return [text[at.start : at.end] for at in ranges]


@pytest.mark.parametrize(
    ("text", "content", "cue", "source"),
    [
        (
            "“We found cracks in the piers,” Ada Quill said.",
            ["We found cracks in the piers"],
            "said",
            "Ada Quill",
        ),
        (
            '"We found cracks in the piers," said Ada Quill.',
            ["We found cracks in the piers"],
            "said",
            "Ada Quill",
        ),
        ("Ada Quill said: “Nobody will cross.”", ["Nobody will cross."], "said", "Ada Quill"),
        ("Ada Quill told reporters, “Nobody will cross.”", ["Nobody will cross."], "told", "Ada Quill"),
        (
            "“We found cracks,” Ada Quill said, “and nobody will cross.”",
            ["We found cracks", "and nobody will cross."],
            "said",
            "Ada Quill",
        ),
        (
            "“It is safe. Nobody doubts it,” said the mayor of Harbourtown.",
            ["It is safe. Nobody doubts it"],
            "said",
            "the mayor of Harbourtown",
        ),
        (
            "Ada Quill said that the bridge would stay closed until May.",
            ["the bridge would stay closed until May"],
            "said",
            "Ada Quill",
        ),
        (
            "The bridge will stay closed until May, Ada Quill announced on Tuesday.",
            ["The bridge will stay closed until May"],
            "announced",
            "Ada Quill",
        ),
        (
            "The engineer warned that the bridge was “close to collapse” in March.",
            ["the bridge was “close to collapse” in March"],
            "warned",
            "The engineer",
        ),
        (
            "The bridge was closed on Monday, according to the Norland Roads Agency.",
            ["The bridge was closed on Monday"],
            "according to",
            "the Norland Roads Agency",
        ),
        (
            "According to Bo Reed, the piers had been unsafe for years.",
            ["the piers had been unsafe for years"],
            "According to",
            "Bo Reed",
        ),
        (
            "The bridge, according to Bo Reed, had been unsafe for years.",
            ["The bridge", "had been unsafe for years"],
            "according to",
            "Bo Reed",
        ),
        ("The agency denied that it had been warned.", ["it had been warned"], "denied", "The agency"),
    ],
)
def test_one_claim(model: SpacyModel, text: str, content: list[str], cue: str, source: str) -> None:
    (claim,) = read(model, text)
    assert words(text, claim.content) == content
    assert words(text, claim.link.cues) == [cue]
    assert words(text, claim.link.sources) == [source]
    assert all(any(part.contains(said) for part in claim.content) for said in claim.verbatim)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was closed on Monday.",
        "The so-called “safe” bridge was closed.",
        "The reported cracks were found in the piers.",
        "“We found cracks.”",
        "",
        "”",
    ],
)
def test_no_claim(model: SpacyModel, text: str) -> None:
    assert read(model, text) == []


def test_a_floating_quotation_continues_its_speaker(model: SpacyModel) -> None:
    text = "“We found cracks,” Ada Quill said. “Nobody will cross.”\n“Not before May.”\nThe bridge is old. “Safe?”"
    claims = read(model, text)
    assert [words(text, c.content) for c in claims] == [
        ["We found cracks"],
        ["Nobody will cross."],
        ["Not before May."],
    ]
    assert [c.link.continues for c in claims] == [False, True, True]


def test_a_quotation_announced_by_a_colon(model: SpacyModel) -> None:
    text = "Ada Quill told the council on Tuesday:\n“Nobody will cross before the piers are mended.”"
    (claim,) = read(model, text)
    assert words(text, claim.content) == ["Nobody will cross before the piers are mended."]
    assert words(text, claim.link.sources) == ["Ada Quill"]
    assert len(claim.context) == 2


def test_what_is_quoted_in_what_is_reported(model: SpacyModel) -> None:
    text = "The Gazette reported that the mayor said that the bridge would open in May."
    outer, inner = read(model, text)
    assert words(text, outer.content) == ["the mayor said that the bridge would open in May"]
    assert words(text, inner.content) == ["the bridge would open in May"]


def test_joint_speakers(model: SpacyModel) -> None:
    text = "Ada Quill and Bo Reed said that the bridge would open in May."
    (claim,) = read(model, text)
    assert words(text, claim.link.sources) == ["Ada Quill", "Bo Reed"]


def test_a_denied_cue(model: SpacyModel) -> None:
    (claim,) = read(model, "The mayor did not say that the bridge was safe.")
    assert claim.link.negated


def test_a_quotation_that_never_closes(model: SpacyModel) -> None:
    text = "Ada Quill said: “Nobody will cross.\nThe bridge is old."
    (claim,) = read(model, text)
    assert claim.flags == ["unbalanced_quotes"]
    assert words(text, claim.content) == ["Nobody will cross."]


def test_wrapped_lines(model: SpacyModel) -> None:
    text = (
        "    The Norland Roads Agency told the council of Harbourtown that\n"
        "two of the piers of the bridge have cracks in them and that they\n"
        "will have to be mended before May.\n"
        "    Nobody will cross the bridge before the end of the works, Ada\n"
        "Quill said on Tuesday.\n"
    )
    first, second = read(model, text)
    assert words(text, first.content)[0].startswith("two of the piers")
    assert words(text, second.content) == ["Nobody will cross the bridge before the end of the works"]
    assert words(text, second.link.sources) == ["Ada\nQuill"]
