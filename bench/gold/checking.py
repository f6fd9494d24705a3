"""What labels must agree with beyond the format: their parents, the quotation marks, the text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.gold.labels import Problem, read_labels
from bench.gold.placing import Placed, PlacedClaim, Span, occurrences, place
from bench.scoring.marks import quoted_kind

__all__ = ["GOLD", "READERS", "article_ids", "check", "load", "read_article"]

GOLD: Final = Path(__file__).resolve().parents[2] / "seeds" / "gold"
READERS: Final = ("a", "b", "gold")
"""The two who label, and what is adjudicated from them."""


def article_ids(root: Path = GOLD) -> list[str]:
    """Return the ids of all articles, in order."""
    return sorted(path.stem for path in (root / "articles").glob("*.txt"))


def read_article(article: str, root: Path = GOLD) -> str:
    """Return an article's text: line breaks as they stand, without those at the end of the file."""
    with (root / "articles" / f"{article}.txt").open(encoding="utf-8", newline="") as file:
        return file.read().rstrip("\n")


def load(article: str, reader: str, root: Path = GOLD) -> tuple[Placed, list[Problem]]:
    """Read and place what *reader* wrote about an article; all that is wrong with it stands beside it.

    Raises:
        FileNotFoundError: the article or its labels are not there.

    """
    file = f"labels/{reader}/{article}.yaml"
    labels, unread = read_labels(root / file, file)
    placed, unplaced = place(labels, read_article(article, root), file)
    return placed, unread + unplaced + check(placed, [claim.id for claim in labels.claims], file)


def check(placed: Placed, ids: Sequence[str], file: str) -> list[Problem]:
    """Hold placed claims against each other and against the text; *ids* are those of all claims read."""
    problems: list[Problem] = []
    by_id = {claim.label.id: claim for claim in placed.claims}
    for claim in placed.claims:
        label = claim.label
        problems += [Problem(file, label.id, reason) for reason in _parent(claim, by_id, ids, placed.text)]
        wanted = quoted_kind(placed.text, claim.content)
        # What is nested in a quotation stands in its marks without having any of its own.
        if claim.content and label.kind != wanted and not (label.parent and wanted == "indirect"):
            reason = f"kind is {label.kind}, by its quotation marks the content is {wanted}"
            problems.append(Problem(file, label.id, reason, warning=True))
        further = [cited.source for cited in label.chain] + ([label.channel] if label.channel else [])
        for piece in (one for part in further for one in ([part] if isinstance(part, str) else part)):
            if not occurrences(placed.text, piece):
                reason = f"{piece!r} of chain or channel occurs nowhere in the text"
                problems.append(Problem(file, label.id, reason))
        if label.originator and not _named(placed.text, label.originator):
            reason = f"originator {label.originator!r} occurs nowhere in the text"
            problems.append(Problem(file, label.id, reason, warning=True))
    return problems


def _named(text: str, originator: str) -> bool:
    """Tell whether *text* has the name, or all names of those who speak jointly."""
    return bool(occurrences(text, originator)) or all(occurrences(text, n) for n in originator.split(" and "))


def _parent(claim: PlacedClaim, by_id: dict[str, PlacedClaim], ids: Sequence[str], text: str) -> list[str]:
    parent_id = claim.label.parent
    if parent_id is None:
        return []
    if parent_id not in ids:
        return [f"parent {parent_id!r} is no claim of this article"]
    seen = [claim.label.id]
    while parent_id in by_id and parent_id is not None:
        seen.append(parent_id)
        if seen.count(parent_id) > 1:
            return [f"parents go round: {' → '.join(seen)}"]
        parent_id = by_id[parent_id].label.parent
    parent = by_id.get(seen[1]) if len(seen) > 1 else None
    if parent is None:  # it has a problem of its own, told there
        return []
    # One that refuses to speak may have no content: then its cue must stand in the parent's.
    outside = _characters(text, claim.content or claim.cue) - _characters(text, parent.content)
    return [f"its content is not inside that of its parent {parent.label.id}"] if outside else []


def _characters(text: str, spans: Sequence[Span]) -> set[int]:
    return {i for span in spans for i in range(*span) if text[i].isalnum()}
