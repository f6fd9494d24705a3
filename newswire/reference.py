"""Write the reference pages that are made from code, or say which are stale.

``python -m newswire.reference`` writes; ``python -m newswire.reference --check`` writes nothing, lists the
pages that differ from what would be written, and exits 1 if there are any.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from newswire.access.page import page as access_page
from newswire.settings.reference import page as settings_page
from newswire.telemetry.reference import page as telemetry_page

__all__ = ["ROOT", "main", "pages", "stale"]

ROOT = Path(__file__).resolve().parents[1]


def pages() -> dict[str, str]:
    """Return the text of each page by its path from the root of the repository."""
    return {
        "docs/security-kafka.md": access_page(),
        "docs/settings.md": settings_page(),
        "docs/telemetry.md": telemetry_page(),
    }


def stale(root: Path = ROOT) -> list[str]:
    """Return the paths of pages that are missing or differ."""
    return [
        path
        for path, text in pages().items()
        if not (root / path).is_file() or (root / path).read_text("utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m newswire.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    options = parser.parse_args(arguments)
    found = stale(root)
    for path in found:
        if options.check:
            sys.stderr.write(f"stale: {path} (run python -m newswire.reference)\n")
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(pages()[path], encoding="utf-8")
            sys.stderr.write(f"wrote {path}\n")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    raise SystemExit(main())
