"""A small gold set of its own: one article and what two readers might say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ARTICLE = """Harbour bridge to open in May, mayor says

Ada Quill, the mayor of Harbourtown, said the bridge would open in May.
"We will cross it," she said, "and
cross it back." The Harbourtown Echo reported that Quill had denied
taking bribes. Reportedly the steel came late.
"""


PLAIN = {
    "kind": "indirect",
    "source_type": "named_person",
    "cue_class": "state",
    "certainty": "certain",
    "polarity": "affirmed",
    "stance": "neutral",
    "force": "assertion",
}
"""The plainest value of each attribute of a claim."""


def claim(number: int, **fields: Any) -> dict[str, Any]:
    """A claim as a reader writes it; what is not given is the plainest value."""
    plain = {
        "id": f"c{number}",
        "cue": None,
        "source": None,
        "parent": None,
        "originator": "Ada Quill",
    }
    return plain | PLAIN | fields


CLAIMS = [
    claim(
        1,
        content=["the bridge would open in May"],
        cue=["said"],
        source=["Ada Quill, the mayor of Harbourtown"],
        near="Harbourtown, said the bridge would",
    ),
    claim(
        2,
        content=['"We will cross it,"', '"and cross it back."'],
        cue=["said"],
        source=["she"],
        near='"We will cross it," she said',
        kind="direct",
    ),
    claim(
        3,
        content=["Quill had denied taking bribes"],
        cue=["reported"],
        source=["The Harbourtown Echo"],
        source_type="media",
        originator="The Harbourtown Echo",
        cue_class="report",
    ),
    claim(
        4,
        content=["taking bribes"],
        cue=["denied"],
        source=["Quill"],
        near="Quill had denied",
        parent="c3",
        cue_class="deny",
        polarity="denied",
    ),
    claim(
        5,
        content=["the steel came late"],
        cue=["Reportedly"],
        source_type="none",
        originator=None,
        cue_class="hearsay",
        stance="distancing",
    ),
]
ENTITIES = [
    {"name": "Ada Quill", "type": "person", "mentions": ["Ada Quill", "Quill"]},
    {"name": "Harbourtown", "type": "place", "mentions": ["Harbourtown"]},
    {"name": "The Harbourtown Echo", "type": "organisation", "mentions": ["The Harbourtown Echo"]},
]


def write_article(root: Path, article: str = "a01", text: str = ARTICLE) -> None:
    """Write an article into a gold set under *root*."""
    (root / "articles").mkdir(parents=True, exist_ok=True)
    (root / "articles" / f"{article}.txt").write_text(text, "utf-8")


def write_labels(
    root: Path,
    reader: str,
    claims: list[dict[str, Any]] = CLAIMS,
    entities: list[dict[str, Any]] = ENTITIES,
    article: str = "a01",
) -> Path:
    """Write what a reader says of an article, and return the file."""
    path = root / "labels" / reader / f"{article}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = {"article": article, "claims": claims, "entities": entities}
    path.write_text(yaml.safe_dump(labels, allow_unicode=True, sort_keys=False), "utf-8")
    return path
