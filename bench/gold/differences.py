"""What two readers do not agree on, as labels that are not yet decided.

The draft of an article is in the format of labels: what both say stands as it is; where they differ, a field
holds ``{a: …, b: …}``, and what only one has says ``only: a``.  Neither passes the check: nothing undecided
can be taken for gold by mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from bench.gold.attributions import attribution
from bench.gold.checking import GOLD, load
from bench.gold.labels import ATTRIBUTES
from bench.gold.placing import Placed, PlacedClaim, PlacedEntity
from bench.scoring.claims import places_paired

__all__ = ["draft", "drafted"]

_PLACED: Final = ("content", "cue", "source")
_RARE: Final = ("chain", "channel")
"""Left out where neither reader has them."""
_PLAIN: Final = (*_RARE, *ATTRIBUTES, "originator")
Pair = tuple[PlacedClaim | None, PlacedClaim | None]


def drafted(article: str, root: Path = GOLD) -> str:
    """Return the draft of an article that both readers have labelled, as YAML under a line of counts.

    Raises:
        ValueError: labels have an error: they must pass the check before they are compared.

    """
    loaded = [load(article, reader, root) for reader in ("a", "b")]
    errors = [problem for _, problems in loaded for problem in problems if not problem.warning]
    if errors:
        raise ValueError(f"{errors[0]} ({len(errors)} errors in {article})")
    labels = draft(loaded[0][0], loaded[1][0])
    undecided = {part: sum(map(_undecided, labels[part])) for part in ("claims", "entities")}
    told = ", ".join(f"{number} of {len(labels[part])} {part}" for part, number in undecided.items())
    written = yaml.safe_dump(labels, allow_unicode=True, sort_keys=False, width=100)
    return f"# to decide: {told}\n{written}"


def draft(a: Placed, b: Placed) -> dict[str, Any]:
    """Return the draft of one article: claims in text order under new ids, then entities."""
    both = places_paired(a.text, [attribution(c) for c in a.claims], [attribution(c) for c in b.claims])
    pairs: list[Pair] = [(a.claims[i], b.claims[j]) for i, j in both]
    matched_a, matched_b = {i for i, _ in both}, {j for _, j in both}
    pairs += [(claim, None) for i, claim in enumerate(a.claims) if i not in matched_a]
    pairs += [(None, claim) for j, claim in enumerate(b.claims) if j not in matched_b]
    pairs.sort(key=lambda pair: min((c.content or c.cue)[0] for c in pair if c is not None))
    names: list[dict[str, str]] = [{}, {}]
    for number, pair in enumerate(pairs, 1):
        for claim, ids in zip(pair, names, strict=True):
            if claim is not None:
                ids[claim.label.id] = f"c{number}"
    return {
        "article": a.article,
        "claims": [_claim(f"c{n}", pair, names) for n, pair in enumerate(pairs, 1)],
        "entities": [_entity(*pair) for pair in _entity_pairs(a.entities, b.entities)],
    }


def _claim(id_: str, pair: Pair, names: Sequence[dict[str, str]]) -> dict[str, Any]:
    written = [
        _written(claim, ids) if claim is not None else None for claim, ids in zip(pair, names, strict=True)
    ]
    merged: dict[str, Any] = {"id": id_} | _merged(*written)
    merged = {name: value for name, value in merged.items() if value or name not in _RARE}
    a, b = pair
    if a is not None and b is not None:
        for part in _PLACED:
            if getattr(a, part) == getattr(b, part):  # written differently, but the same place
                merged[part] = getattr(a.label, part)
    nears = [near for c in pair if c is not None and (near := c.label.near)]
    same = all(not isinstance(merged[part], dict) for part in _PLACED)
    if nears:
        merged["near"] = nears[0] if same else list(dict.fromkeys(_flat(nears)))
    notes = [f"{who}: {c.label.note}" for who, c in zip("ab", pair, strict=True) if c and c.label.note]
    return merged | ({"note": "; ".join(notes)} if notes else {})


def _written(claim: PlacedClaim, ids: dict[str, str]) -> dict[str, Any]:
    """Return a claim's fields as they are compared, its parent under the id that it has in the draft."""
    label: dict[str, Any] = msgspec.to_builtins(claim.label)
    fields = {name: label[name] or None for name in _PLACED}
    fields["parent"] = ids[label["parent"]] if label["parent"] else None
    return fields | {name: label[name] for name in _PLAIN}


def _merged(a: dict[str, Any] | None, b: dict[str, Any] | None) -> dict[str, Any]:
    if a is None or b is None:
        return {"only": "b" if a is None else "a"} | (a or b or {})
    names = dict.fromkeys([*a, *b])
    return {
        name: a.get(name) if a.get(name) == b.get(name) else {"a": a.get(name), "b": b.get(name)}
        for name in names
    }


def _flat(nears: Sequence[str | list[str]]) -> list[str]:
    return [one for near in nears for one in ([near] if isinstance(near, str) else near)]


def _entity_pairs(
    a: Sequence[PlacedEntity], b: Sequence[PlacedEntity]
) -> list[tuple[PlacedEntity | None, PlacedEntity | None]]:
    """Match entities one to one, those that share the most places first."""
    shared = sorted(
        ((len({*x.mentions} & {*y.mentions}), -i, -j) for i, x in enumerate(a) for j, y in enumerate(b)),
        reverse=True,
    )
    partner: dict[int, int] = {}
    for common, i, j in shared:
        if common and -i not in partner and -j not in partner.values():
            partner[-i] = -j
    pairs: list[tuple[PlacedEntity | None, PlacedEntity | None]] = [
        (entity, b[partner[i]] if i in partner else None) for i, entity in enumerate(a)
    ]
    pairs += [(None, entity) for j, entity in enumerate(b) if j not in partner.values()]
    return sorted(pairs, key=lambda pair: min(e.mentions[0] for e in pair if e is not None))


def _entity(a: PlacedEntity | None, b: PlacedEntity | None) -> dict[str, Any]:
    written = [
        {"name": e.label.name, "type": e.label.type, "mentions": list(e.label.mentions)} if e else None
        for e in (a, b)
    ]
    merged = _merged(*written)
    if a is not None and b is not None and a.mentions == b.mentions:
        merged["mentions"] = list(a.label.mentions)
    return merged


def _undecided(item: dict[str, Any]) -> bool:
    return "only" in item or any(isinstance(value, dict) for value in item.values())
