"""The article that the project began with: its attributed statements."""

from __future__ import annotations

import pytest

from schemas import EnrichedArticle
from schemas.claim import Claim
from streams.enrich.enricher import Enricher
from tests.support.require import require_shared
from tests.unit.enrich.enrich_parts import assert_true, unique

pytestmark = pytest.mark.shared

STATEMENTS = {
    "prisoners announced": ("taken prisoner", "Volodymyr Zelensky", 1),
    "bank cards confirmed": ("bank cards", "Volodymyr Zelensky", 1),
    "many more, on Telegram": ("many more Chinese citizens", "Volodymyr Zelensky", 1),
    "the minister instructed": ("I have instructed the Minister", "Volodymyr Zelensky", 1),
    "a clear signal": ("is a clear signal", "Volodymyr Zelensky", 1),
    "chargé d’affaires summoned": ("summoned following the discovery", "Andrii Sybiha", 1),
    "Beijing to condemn": ("condemn this fact", "Andrii Sybiha", 1),
    "China verifying": ("currently verifying", "CNN", 1),
    "important to emphasize": ("It is important to emphasize", "Lin Jian", 1),
    "reportedly duped": ("duped into fighting", None, 1),
    "the network": ("human trafficking network", "Reuters", 1),
    "dubious universities": ("dubious private universities", "Central Bureau of Investigation", 2),
    "Indians released": ("have since been released", "BBC News", 1),
    "North Koreans wiped out": ("have been wiped out", "White House", 1),
    "expendable": ("It is clear", "John Kirby", 1),
}
"""Words of each attributed statement, who it is resolved to (null: nobody by name), and how deep it stands."""


def told(claim: Claim) -> tuple[str, str | None, int]:
    words = " ".join(span.exact for span in claim.content)
    return words, claim.chain[-1].sources[0].name, len(claim.chain)


@pytest.fixture(scope="module")
def event(enricher: Enricher) -> EnrichedArticle:
    (path,) = require_shared("seed").glob("*.txt")
    (event,) = enricher.enrich([unique(path.read_text("utf-8"), article={"title": None})], [1])
    assert_true(event)
    return event


def test_at_least_fourteen_of_its_fifteen_statements(event: EnrichedArticle) -> None:
    claims = [told(claim) for claim in event.claims]
    missed = {
        name
        for name, (words, who, depth) in STATEMENTS.items()
        if not any(words in content and (who, depth) == (named, deep) for content, named, deep in claims)
    }
    assert len(missed) <= 1, missed


def test_the_telegram_post_and_the_instruction_are_apart(event: EnrichedArticle) -> None:
    (post,) = [claim for claim in event.claims if "many more Chinese" in told(claim)[0]]
    assert "instructed" not in told(post)[0]


def test_hearsay_is_nobodys_and_kept_at_a_distance(event: EnrichedArticle) -> None:
    (duped,) = [claim for claim in event.claims if "duped" in told(claim)[0]]
    assert (duped.chain[-1].sources[0].type, duped.stance) == ("none", "distancing")


def test_the_bureaus_own_words_stand_in_what_reuters_reported(event: EnrichedArticle) -> None:
    (words,) = [claim for claim in event.claims if told(claim)[2] == 2 and "dubious" in told(claim)[0]]
    assert [link.sources[0].name for link in words.chain] == ["Reuters", "Central Bureau of Investigation"]
    (whole,) = [claim for claim in event.claims if claim.claim_id == words.parent_claim_id]
    assert whole.content[0].exact.startswith("A human trafficking network")
