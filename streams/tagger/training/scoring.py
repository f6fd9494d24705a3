"""How good an exported tagger is: claims on PolNeAR's dev split, names on IEER's held-back documents."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from streams.enrich.layout import model_text
from streams.tagger.labels import ENTITY_TYPES
from streams.tagger.tagger import Tagger
from streams.tagger.training.documents import Document
from streams.tagger.training.ieer import held_back, read_ieer
from streams.tagger.training.wrapping import wrapped

__all__ = ["NameScore", "score_claims", "score_names", "scoreboard"]

HARD_WIDTH = 65
"""What a wire service wraps at."""


class NameScore(NamedTuple):
    """Exact span and type, in percent."""

    precision: float
    recall: float
    f1: float


def scoreboard(tagger: Tagger, shared: Path, work: Path) -> str:
    """Return a Markdown table of all that is scored."""
    dev = shared / "data" / "polnear" / "dev"
    lines = [
        "| what | content F1 at IoU .3 / .5 / .8 | recall of indirect at .5 | source hit at .3 / .5 | words/s |",
        "|---|---|---|---|---|",
    ]
    for name, width in (("PolNeAR dev", 0), (f"the same, wrapped at {HARD_WIDTH}", HARD_WIDTH)):
        rows, speed = score_claims(tagger, dev, shared / "scoring" / "claims.py", work, width)
        f1 = " / ".join(f"{rows[iou]['F1']:.1f}" for iou in (0.3, 0.5, 0.8))
        hits = " / ".join(f"{rows[iou]['source_hit']:.1f}" for iou in (0.3, 0.5))
        lines.append(f"| {name} | {f1} | {rows[0.5]['R_indirect']:.1f} | {hits} | {speed:,.0f} |")
    _, held = held_back(read_ieer(shared / "data" / "ner" / "ieer"))
    names = score_names(tagger, held)
    lines += ["", "| names, exact span and type | P | R | F1 |", "|---|---|---|---|"]
    lines += [
        f"| IEER held back, {kind} | {s.precision:.1f} | {s.recall:.1f} | {s.f1:.1f} |"
        for kind, s in names.items()
    ]
    return "\n".join(lines)


def score_claims(
    tagger: Tagger, split: Path, scorer: Path, work: Path, width: int = 0
) -> tuple[dict[float, dict[str, Any]], float]:
    """Score the attributions in a PolNeAR split with *scorer*, its texts wrapped at *width* if that is not 0.

    Returns the scorer's rows by IoU, and words a second.

    Raises:
        subprocess.CalledProcessError: the scorer failed.

    """
    words = 0
    began = time.perf_counter()
    predictions = work / "predictions.jsonl"
    with predictions.open("wb") as file:
        for path in sorted((split / "text").glob("*.txt")):
            text = path.read_bytes().decode("utf-8")
            words += len(text.split())
            found = tagger.tag(model_text(wrapped(text, width) if width else text)).attributions
            claims = [
                {"content": a.content, "source": [a.source] * bool(a.source), "cue": [a.cue] * bool(a.cue)}
                for a in found
            ]
            file.write(msgspec.json.encode({"doc": path.stem, "claims": claims}) + b"\n")
    took = time.perf_counter() - began
    said = subprocess.run(  # noqa: S603
        [sys.executable, scorer, split, predictions, "--json"], check=True, capture_output=True
    ).stdout
    return {row["iou"]: row for row in json.loads(said)["rows"]}, words / took


def score_names(tagger: Tagger, documents: Sequence[Document]) -> dict[str, NameScore]:
    """Score names: all together, and by type."""
    right, wanted, given = Counter[str](), Counter[str](), Counter[str]()
    for document in documents:
        gold = {(*at, type_) for at, type_ in document.names or ()}
        mine = {(*at, type_) for at, type_ in tagger.tag(document.text).names}
        for counter, names in ((right, gold & mine), (wanted, gold), (given, mine)):
            for _, _, type_ in names:
                counter.update((type_, "all"))
    return {kind: _score(right[kind], given[kind], wanted[kind]) for kind in ("all", *ENTITY_TYPES)}


def _score(right: int, given: int, wanted: int) -> NameScore:
    precision, recall = 100 * right / max(given, 1), 100 * right / max(wanted, 1)
    return NameScore(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9))
