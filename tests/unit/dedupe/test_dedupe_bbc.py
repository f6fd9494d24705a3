"""Near-duplicates among BBC articles, against every pair's exact Jaccard similarity."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire.pipe import run_pipe
from newswire.settings import Settings
from tests.support.require import require_shared

NEAR = 0.7


def pairs(folder: Path) -> dict[str, dict[str, float]]:
    """Read, for each file, the files before it with their similarity."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for line in (folder / "pairs.tsv").read_text("utf-8").splitlines():
        one, other, jaccard, _ = line.split("\t")
        first, second = sorted((one, other))
        found[second][first] = float(jaccard)
    return found


def lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*.txt")):
        name = path.relative_to(folder).as_posix()
        text = path.read_text("utf-8", "replace")
        yield json.dumps({"id": name, "url": f"https://example.org/{name}", "text": text}).encode()


@pytest.mark.shared
@pytest.mark.timeout(600)
async def test_what_is_flagged_is_what_is_alike() -> None:
    folder = require_shared("bbc-news")
    alike = pairs(folder)
    written: list[bytes] = []
    await run_pipe(["normalize", "dedupe"], lines(folder), written.append, Settings())
    verdicts = {event["native_id"]: event.get("verdict") for event in map(json.loads, written)}
    flagged = {name: v for name, v in verdicts.items() if v in {"duplicate", "near_duplicate"}}
    wanted = {name for name, others in alike.items() if max(others.values()) >= NEAR}
    exact = {name for name in wanted if max(alike[name].values()) == 1.0}
    scores = {
        "all": (set(flagged), wanted),
        "exact": ({n for n, verdict in flagged.items() if verdict == "duplicate"}, exact),
        "near": ({n for n, verdict in flagged.items() if verdict == "near_duplicate"}, wanted - exact),
    }
    assert len(wanted) > 50
    for kind, (found, right) in scores.items():
        precision = len(found & wanted) / len(found)
        recall = len(right & set(flagged)) / len(right)
        print(
            f"{kind}: {len(found)} flagged, {len(right)} alike, precision {precision:.4f}, recall {recall:.4f}"
        )
        assert precision >= 0.99
        assert recall >= 0.98
