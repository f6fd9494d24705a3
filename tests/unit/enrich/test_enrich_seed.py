"""The article that the project began with: its entities, and its attributed statements by the words they
hold.
"""

from __future__ import annotations

import pytest

from streams.enrich.enricher import Enricher
from tests.support.require import require_shared
from tests.unit.enrich.enrich_parts import assert_true, unique

pytestmark = pytest.mark.shared

# One of its words each, with the cue's dictionary form and the resolved source (null where it is a phrase).
STATEMENTS = [
    ("prisoner", "announce", "Volodymyr Zelensky"),
    ("documents", "confirm", "Volodymyr Zelensky"),
    ("information", "say", "Volodymyr Zelensky"),
    ("instructed", None, "Volodymyr Zelensky"),
    ("signal", "add", "Volodymyr Zelensky"),
    ("summoned", "according to", "Andrii Sybiha"),
    ("condemn", "demand", "Andrii Sybiha"),
    ("verifying", "according to", "CNN"),
    ("emphasize", "say", "Lin Jian"),
    ("trafficking", "report", "Reuters"),
    ("dubious", "call", "Central Bureau of Investigation"),
    ("released", "report", "BBC News"),
    ("thousands", "according to", None),
    ("expendable", "tell", "John Kirby"),
]


def test_the_seed_article(enricher: Enricher) -> None:
    (path,) = require_shared("seed").glob("*.txt")
    (event,) = enricher.enrich([unique(path.read_text("utf-8"), article={"title": None})], [1])
    assert_true(event)
    found = [
        statement
        for statement in STATEMENTS
        if any(
            any(statement[0] in span.exact for span in claim.content)
            and claim.chain[-1].cue_lemma == statement[1]
            and claim.chain[-1].sources[0].name == statement[2]
            for claim in event.claims
        )
    ]
    # 6 of the 15 are asked for; all but the one without a source are there, and a parser may lose one.
    assert len(found) >= 12
    entities = {entity.name: entity for entity in event.entities}
    assert {m.exact for m in entities["Volodymyr Zelensky"].mentions} == {"Volodymyr Zelensky", "Zelensky"}
    assert {m.exact for m in entities["Andrii Sybiha"].mentions} == {"Andrii Sybiha", "Sybiha"}
    assert {m.exact for m in entities["Central Bureau of Investigation"].mentions} == {
        "Central Bureau of Investigation",
        "CBI",
    }
    assert {m.form for m in entities["China"].mentions} == {"name", "demonym"}
    assert (entities["Ukraine"].country, entities["Ukraine"].type) == ("UA", "place")
    assert entities["John Kirby"].titles == ["White House spokesperson"]
