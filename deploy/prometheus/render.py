"""Write the rules that Prometheus reads from the mixin: ``mixin/`` and its ``config.toml`` make ``rules/``.

``@{name}`` in a file of the mixin stands for a value of the configuration.  The result is committed, so nobody
needs this who is content with the thresholds; ``--config`` gives a file with other values for some of them and
``--to`` another folder.
"""

# ruff: noqa: INP001 - a script beside what it writes, in no package

from __future__ import annotations

import argparse
import string
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

__all__ = ["main", "rendered"]

HERE = Path(__file__).resolve().parent
MIXIN = HERE / "mixin"
HEAD = "# Made by deploy/prometheus/render.py from mixin/{source}; do not edit.\n"


class _Text(string.Template):
    delimiter = "@"
    idpattern = "(?!)"  # only @{name}: a bare @ is PromQL's own
    braceidpattern = "[a-z_0-9]+"


def rendered(config: Mapping[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of rules; *config* replaces values of ``config.toml``.

    Raises:
        KeyError: a value is not in the configuration.
        ValueError: *config* has a name that ``config.toml`` has not.
    """
    values = tomllib.loads((MIXIN / "config.toml").read_text("utf-8"))
    unknown = sorted(set(config or {}) - set(values))
    if unknown:
        raise ValueError(f"no such value in config.toml: {', '.join(unknown)}")
    values |= config or {}
    for kind in ("alerts", "rules"):
        for path in sorted((MIXIN / kind).glob("*.yml")):
            head = HEAD.format(source=path.relative_to(MIXIN))
            yield f"{path.stem}.{kind}.yml", head + _Text(path.read_text("utf-8")).substitute(values)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python deploy/prometheus/render.py", description=__doc__)
    parser.add_argument("--config", type=Path, help="TOML with values instead of those of config.toml")
    parser.add_argument("--to", type=Path, default=HERE / "rules", help="where to write (default: rules/)")
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    options = parser.parse_args(arguments)
    config = tomllib.loads(options.config.read_text("utf-8")) if options.config else None
    files = dict(rendered(config))
    there = {path.name: path.read_text("utf-8") for path in options.to.glob("*.yml")}
    if options.check:
        stale = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
        for name in stale:
            sys.stderr.write(f"stale: {options.to / name} (run python deploy/prometheus/render.py)\n")
        return 1 if stale else 0
    options.to.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - files.keys():
        (options.to / name).unlink()
    for name, text in files.items():
        (options.to / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
