"""What makes attribution hard, with the shipped network: each a sentence or two, its claims as a desk would note them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from schemas.claim import Claim
from streams.enrich.enricher import Enricher
from tests.unit.enrich.enrich_parts import assert_true, unique


class Noted(NamedTuple):
    """What a desk would note of one claim."""

    content: str
    """Its parts joined by " … "."""
    originators: list[str | None]
    cue: str | None
    depth: int = 1


CRACKS = "We found cracks in two of the piers"
CASES = {
    "a pronoun": (
        "Ada Quill, the mayor of Norland, opened the bridge.\nShe said that it would carry twice the traffic.",
        [Noted("it would carry twice the traffic", ["Ada Quill"], "say")],
    ),
    "a role": (
        "Foreign Minister Bo Reed arrived in Paris on Tuesday.\nThe minister said the talks had been useful.",
        [Noted("the talks had been useful", ["Bo Reed"], "say")],
    ),
    "an age": (
        "Ada Quill, 45, won the race on Sunday.\nThe 45-year-old said she had never felt better.",
        [Noted("she had never felt better", ["Ada Quill"], "say")],
    ),
    "a quotation that goes on without an attribution": (
        f"“{CRACKS},” Ada Quill said on Tuesday. “Nobody will cross before they are mended.”",
        [Noted(f"{CRACKS} … Nobody will cross before they are mended.", ["Ada Quill"], "say")],
    ),
    "the source behind a dash": (
        "“We have learnt nothing from the flood of last year.” —Commissioner Ada Quill",
        [Noted("We have learnt nothing from the flood of last year.", ["Ada Quill"], None)],
    ),
    "verb before subject": (
        f"“{CRACKS},” said Ada Quill, the mayor of Harbourtown.",
        [Noted(CRACKS, ["Ada Quill"], "say")],
    ),
    "a split quotation": (
        f"“{CRACKS},” Ada Quill said, “and nobody will cross before May.”",
        [Noted(f"{CRACKS} … and nobody will cross before May.", ["Ada Quill"], "say")],
    ),
    "two who speak jointly": (
        "Ada Quill and Bo Reed said in a joint statement that the bridge would open in May.",
        [Noted("the bridge would open in May", ["Ada Quill", "Bo Reed"], "say")],
    ),
    "an apposition before the verb": (
        "Ada Quill, the mayor of Harbourtown, said the bridge would stay closed until May.",
        [Noted("the bridge would stay closed until May", ["Ada Quill"], "say")],
    ),
    "a quotation in a quotation": (
        "“He told us: ‘I will never sign it.’ That was the end of the talks,” Ada Quill said.",
        [
            Noted("He told us: ‘I will never sign it.’ That was the end of the talks", ["Ada Quill"], "say"),
            Noted("‘I will never sign it.’", [None], "tell", depth=2),
        ],
    ),
    "single marks": (f"'{CRACKS},' Ada Quill said on Tuesday.", [Noted(CRACKS, ["Ada Quill"], "say")]),
    "angle marks": (f"«{CRACKS}», Ada Quill said on Tuesday.", [Noted(CRACKS, ["Ada Quill"], "say")]),
    "German marks": (f"„{CRACKS}“, Ada Quill said on Tuesday.", [Noted(CRACKS, ["Ada Quill"], "say")]),
    "a preposition": (
        "The bridge was closed on Monday, according to the Norland Roads Agency.",
        [Noted("The bridge was closed on Monday", ["Norland Roads Agency"], "according to")],
    ),
    "one claim in another": (
        "The Gazette reported that the mayor denied that he had taken money from the builders.",
        [
            Noted("the mayor denied that he had taken money from the builders", ["Gazette"], "report"),
            Noted("he had taken money from the builders", [None], "deny", depth=2),
        ],
    ),
    "a chain": (
        "Officials told the BBC that Ada Quill had said the bridge would stay closed.",
        [
            Noted("Ada Quill had said the bridge would stay closed", [None], "tell"),
            Noted("the bridge would stay closed", ["Ada Quill"], "say", depth=2),
        ],
    ),
    "a headline": (
        "Mayor denies taking money from builders\nThe mayor of Harbourtown has been in office for two years.",
        [Noted("taking money from builders", [None], "deny")],
    ),
}


def claims(enricher: Enricher, text: str) -> list[Claim]:
    (event,) = enricher.enrich([unique(text, article={"title": None})], [1])
    assert_true(event)
    return event.claims


def noted(claim: Claim) -> Noted:
    link = claim.chain[-1]
    return Noted(
        content=" … ".join(span.exact for span in claim.content),
        originators=[source.name for source in link.sources],
        cue=link.cue_lemma,
        depth=len(claim.chain),
    )


@pytest.mark.parametrize("case", CASES)
def test_who_said_what(enricher: Enricher, case: str) -> None:
    text, expected = CASES[case]
    assert [noted(claim) for claim in claims(enricher, text)] == expected


def test_a_quotation_over_paragraphs(enricher: Enricher) -> None:
    text = f"“{CRACKS},” Ada Quill said.\n“Nobody will cross before they are mended.\n“I am sorry for it.”"
    found = claims(enricher, text)
    said = " ".join(span.exact for claim in found for span in claim.content)
    assert all(words in said for words in (CRACKS, "Nobody will cross", "I am sorry for it"))
    assert {source.name for claim in found for source in claim.chain[-1].sources} == {"Ada Quill"}


def test_a_quotation_that_never_closes(enricher: Enricher) -> None:
    text = "Ada Quill told the council: “Nobody will cross before the piers are mended.\nThe bridge is 80 years old."
    (claim,) = claims(enricher, text)
    assert claim.content[0].exact.startswith("Nobody will cross")
    assert claim.flags == ["unbalanced_quotes"]
    assert claim.chain[-1].sources[0].name == "Ada Quill"


def test_hearsay_without_a_source(enricher: Enricher) -> None:
    (claim,) = claims(
        enricher, "A number of men were reportedly lured into a foreign army by an advertisement."
    )
    assert claim.chain[-1].cue_lemma == "reportedly"
    assert [source.type for source in claim.chain[-1].sources] == ["none"]
    assert claim.stance == "distancing"
    assert "lured into a foreign army" in " ".join(span.exact for span in claim.content)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was closed on Monday.",
        "The so-called “safe” bridge was closed.",
        "Ada Quill opened the bridge and went home.",
        "",
        "”",
    ],
)
def test_what_nobody_says_is_no_claim(enricher: Enricher, text: str) -> None:
    assert claims(enricher, text) == []
