"""How far two readers agree, label by label, with intervals, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.gold.attributions import attribution, mentions
from bench.gold.checking import GOLD, article_ids, load
from bench.gold.labels import ATTRIBUTES
from bench.scoring.claims import THRESHOLDS, Attribution, Spans, count, paired, words
from bench.scoring.figures import counted, kappa, pooled, pooled_pairs, share, share_equal
from bench.scoring.markdown import table

__all__ = ["Compared", "agreement", "compared", "value_of"]

_ROLES: Final[dict[str, Callable[[Attribution], Spans]]] = {
    "cue": lambda claim: claim.cue,
    "source": lambda claim: claim.source,
}


class Compared(msgspec.Struct, frozen=True):
    """One article as both readers have labelled it."""

    article: str
    text: str
    claims: tuple[list[Attribution], list[Attribution]]
    mentions: tuple[Mapping[tuple[int, int], str], Mapping[tuple[int, int], str]]

    def layer(self, *, nested: bool) -> Counter[str]:
        """Count the outer claims, or the nested ones, of one reader against the other's."""
        a, b = ([claim for claim in claims if claim.nested is nested] for claims in self.claims)
        return count(self.text, a, b)

    def matches(self) -> list[tuple[Attribution, Attribution]]:
        """Return the claims that are one to both, nested or not; those without content by their cues."""
        return paired(self.text, *self.claims)


def compared(root: Path = GOLD, readers: tuple[str, str] = ("a", "b")) -> list[Compared]:
    """Load all articles that both readers have labelled.

    Raises:
        ValueError: labels have an error: they must pass the check before they are compared.

    """
    documents = []
    for article in article_ids(root):
        if not all((root / "labels" / reader / f"{article}.yaml").exists() for reader in readers):
            continue
        loaded = [load(article, reader, root) for reader in readers]
        errors = [problem for _, problems in loaded for problem in problems if not problem.warning]
        if errors:
            raise ValueError(f"{errors[0]} ({len(errors)} errors in {article})")
        (first, _), (second, _) = loaded
        claims = ([attribution(c) for c in first.claims], [attribution(c) for c in second.claims])
        documents.append(Compared(article, first.text, claims, (mentions(first), mentions(second))))
    return documents


def agreement(documents: Sequence[Compared]) -> str:
    """Return the tables of agreement, as Markdown."""
    sizes = [sum(len(document.claims[reader]) for document in documents) for reader in (0, 1)]
    head = f"{len(documents)} articles; claims: {sizes[0]} and {sizes[1]}. 95 % intervals over articles."
    return "\n\n".join(
        [head, _contents(documents), _parts(documents), _attributes(documents), _entities(documents)]
    )


def _contents(documents: Sequence[Compared]) -> str:
    rows = []
    for name, nested in (("outer claims", False), ("nested claims", True)):
        counts = [document.layer(nested=nested) for document in documents]
        scores = [counted(counts, f"tp@{threshold}", "guess", "gold").text() for threshold in THRESHOLDS]
        rows.append([name, _sizes(counts), *scores])
    return table(["content F1 at word IoU", "a / b", "0.3", "0.5", "0.8", "exact"], rows)


def _sizes(counts: Sequence[Counter[str]]) -> str:
    return " / ".join(str(sum(one[name] for one in counts)) for name in ("gold", "guess"))


def _parts(documents: Sequence[Compared]) -> str:
    """Of matched claims where either reader gives a cue or source: do they share a word, are they equal."""
    rows = []
    for role, spans in _ROLES.items():
        pairs = [
            [(d.text, spans(a), spans(b)) for a, b in d.matches() if spans(a) or spans(b)] for d in documents
        ]
        equal = pooled([[a == b for _, a, b in one] for one in pairs], share)
        # A colon that is a cue has no word to share.
        hit = pooled([[a == b or bool(words(t, a) & words(t, b)) for t, a, b in one] for one in pairs], share)
        rows.append([role, str(sum(map(len, pairs))), hit.text(), equal.text()])
    return table(["part of matched claims", "pairs", "share a word", "equal"], rows)


def _attributes(documents: Sequence[Compared]) -> str:
    rows = []
    for name in (*ATTRIBUTES, "nested", "originator"):
        pairs = [[(value_of(a, name), value_of(b, name)) for a, b in d.matches()] for d in documents]
        equal, beyond_chance = pooled_pairs(pairs, share_equal), pooled_pairs(pairs, kappa)
        rows.append([name, str(sum(map(len, pairs))), equal.text(), beyond_chance.text(percent=False)])
    return table(["attribute of matched claims", "pairs", "equal", "Cohen's kappa"], rows)


def value_of(claim: Attribution, name: str) -> str:
    """Return an attribute of a labelled claim as it is compared."""
    if name == "nested":
        return str(claim.nested)
    return ", ".join(claim.originators) if name == "originator" else claim.values[name]


def _entities(documents: Sequence[Compared]) -> str:
    typed = [_common(set(d.mentions[0].items()), set(d.mentions[1].items())) for d in documents]
    bare = [_common(set(d.mentions[0]), set(d.mentions[1])) for d in documents]
    rows = [
        [name, _sizes(counts), counted(counts, "tp", "guess", "gold").text()]
        for name, counts in (("span and type", typed), ("span", bare))
    ]
    return table(["mentions of entities", "a / b", "exact F1"], rows)


def _common(a: AbstractSet[Any], b: AbstractSet[Any]) -> Counter[str]:
    return Counter(gold=len(a), guess=len(b), tp=len(a & b))
