"""Write everything that is made from the contracts, or say what is stale.

``python -m schemas.generate`` writes; ``python -m schemas.generate --check`` writes nothing, lists the files
that differ from what would be written, and exits 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from schemas.asyncapi import document
from schemas.json_schema import FLAVOURS, STRUCTS, schema
from schemas.reference import page

__all__ = ["ROOT", "main", "outputs", "stale"]

ROOT = Path(__file__).parent.parent
_GENERATED = ("schemas/v1/*.json",)
"""Folders that hold nothing else: what is no longer generated there is stale."""
_HEAD = "# Made by `python -m schemas.generate`; do not edit.\n"


def outputs() -> dict[str, str]:
    """Return the text of each generated file by its path from the root of the repository."""
    files = {
        f"schemas/v1/{name}.{flavour}.schema.json": json.dumps(
            schema(name, flavour), ensure_ascii=False, indent=2
        )
        + "\n"
        for name in STRUCTS
        for flavour in FLAVOURS
    }
    # By way of JSON nothing is shared, so that YAML has no aliases: not every reader knows them.
    plain = json.loads(json.dumps(document()))
    files["schemas/asyncapi.yaml"] = _HEAD + yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, width=100
    )
    files["docs/contract.md"] = page()
    return files


def stale(root: Path = ROOT) -> list[str]:
    """Return the paths of files that are missing, differ, or should no longer be there."""
    wanted = outputs()
    found = [path for path, text in wanted.items() if _read(root / path) != text]
    kept = {path.relative_to(root).as_posix() for pattern in _GENERATED for path in root.glob(pattern)}
    return sorted(found) + sorted(kept - set(wanted))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    options = parser.parse_args(arguments)
    paths = stale()
    if options.check:
        for path in paths:
            sys.stderr.write(f"stale: {path} (run python -m schemas.generate)\n")
        return 1 if paths else 0
    wanted = outputs()
    for path in paths:
        target = ROOT / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
        sys.stderr.write(f"{'wrote' if path in wanted else 'removed'} {path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
