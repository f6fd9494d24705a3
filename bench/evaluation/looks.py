"""The log of looks at the frozen half of the gold set."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.gold.checking import GOLD
from schemas.claim import ModelVersion

__all__ = ["LOOKS", "append_look"]

LOOKS: Final = "LOOKS.md"
_HEAD: Final = """# Looks at the frozen half

It is scored once for a release.  Every look is below, the oldest first, as it was printed.
"""


def append_look(scores: str, version: ModelVersion, root: Path = GOLD) -> Path:
    """Append the scores of the frozen half to the log, and return the file."""
    path = root / LOOKS
    log = path.read_text("utf-8") if path.exists() else _HEAD
    weights = f", weights {version.weights_sha256[:12]}" if version.weights_sha256 else ""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    path.write_text(f"{log}\n## {when}: {version.name} {version.version}{weights}\n\n{scores}\n", "utf-8")
    return path
