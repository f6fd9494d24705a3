"""Write Grafana's dashboards from ``boards/``: one file of JSON each in ``dashboards/``.

The result is committed, so nobody needs this who is content with the dashboards; ``--to`` gives another folder.
It needs newswire's development packages (``make setup``), for Grafana's own types.
"""

# ruff: noqa: INP001 - a script beside what it writes, in no package

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from boards import BOARDS  # noqa: E402 - beside this file
from boards.build import as_json  # noqa: E402

__all__ = ["main", "rendered"]


def rendered() -> dict[str, str]:
    """Return the text of each dashboard by the name of its file."""
    return {f"{board.name}.json": as_json(board) for board in BOARDS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python deploy/grafana/render.py", description=__doc__)
    parser.add_argument("--to", type=Path, default=HERE / "dashboards", help="default: dashboards/")
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    options = parser.parse_args(arguments)
    files = rendered()
    there = {path.name: path.read_text("utf-8") for path in options.to.glob("*.json")}
    if options.check:
        stale = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
        for name in stale:
            sys.stderr.write(f"stale: {options.to / name} (run python deploy/grafana/render.py)\n")
        return 1 if stale else 0
    options.to.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - files.keys():
        (options.to / name).unlink()
    for name, text in files.items():
        (options.to / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
