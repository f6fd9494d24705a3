"""Score networks that differ by their seed alone, and keep what each has: a floor holds for the mean.

    python -m bench.evaluation.seeds .train/seed2    # adds it to docs/seeds.jsonl, and writes docs/seeds.md
    python -m bench.evaluation.seeds                 # writes docs/seeds.md from what is there

What may be trusted by ``confidence`` is left out: its table is fitted to the network that is shipped.
"""

from __future__ import annotations

from streams.engine.threads import ONE_THREAD  # isort: skip
import os

# Before anything imports numpy, which reads it once.
os.environ.update(ONE_THREAD)

import argparse
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from bench.evaluation.claim_sections import open_section, polnear_section, wire_section
from bench.evaluation.entity_sections import ieer_section
from bench.evaluation.held import Held
from bench.evaluation.samples import ROOT, shared_data
from bench.scoring.figures import Estimate
from bench.scoring.markdown import table
from streams.enrich.enricher import Enricher
from streams.enrich.models import load_model

__all__ = ["SeedRun", "main", "page"]

RUNS: Final = ROOT / "docs" / "seeds.jsonl"
PAGE: Final = ROOT / "docs" / "seeds.md"
_INTRODUCTION: Final = """# Seeds

The same training from nothing with other seeds, scored by `python -m bench.evaluation.seeds` on the sets that
[evaluation.md](evaluation.md) describes; per cent.  A floor holds for the mean.  The interval of the mean is that of
its seeds on average, from 1,000 draws of whole documents; how far seeds lie apart stands beside it."""


class SeedRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one network has."""

    name: str
    """Its folder's, which tells the seed."""
    version: str
    """The network's: what else reads and resolves may change between its seeds."""
    weights: str
    """The digest's first twelve digits."""
    figures: list[Held]
    """Those that are held to a floor."""


def measured(folder: Path, data: Path) -> SeedRun:
    """Score the network in a folder.

    Raises:
        AbsentError: data is not at hand.
    """
    enricher = Enricher(load_model(str(folder)))
    version = enricher.version
    sections = (
        partial(open_section, enricher, {}),
        partial(wire_section, enricher, {}, data),
        partial(polnear_section, enricher, data),
        partial(ieer_section, enricher, {}, data),
    )
    figures = [held for section in sections for held in section().figures if held.floor is not None]
    digest = (version.weights_sha256 or "")[:12]
    of_network = version.version.partition("+")[0]
    return SeedRun(name=folder.name, version=of_network, weights=digest, figures=figures)


def page(runs: Sequence[SeedRun]) -> str:
    """Write what the networks of the last run's version have, and their means."""
    runs = [run for run in runs if run.version == runs[-1].version]
    rows = []
    for number, held in enumerate(runs[0].figures):
        each = [run.figures[number].estimate for run in runs]
        mean = msgspec.structs.replace(held, estimate=_mean(each))
        name, estimate, _, *limits = mean.row()
        rows.append([name, *(one.text().partition(" ")[0] for one in each), estimate, _apart(each), *limits])
    columns = ["figure", *(run.name for run in runs), "mean", "apart", "floor", "aim", ""]
    networks = ", ".join(f"{run.name}: weights {run.weights}" for run in runs)
    return f"{_INTRODUCTION}\n\nVersion {runs[0].version}; {networks}.\n\n{table(columns, rows)}\n"


def _mean(each: Sequence[Estimate]) -> Estimate:
    ends = [
        [value for one in each if (value := getattr(one, end)) is not None]
        for end in ("value", "low", "high")
    ]
    return Estimate(*(statistics.fmean(values) if values else None for values in ends))


def _apart(each: Sequence[Estimate]) -> str:
    """Return the standard deviation over seeds."""
    values = [100 * one.value for one in each if one.value is not None]
    return f"{statistics.stdev(values):.1f}" if len(values) > 1 else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.evaluation.seeds", description="Score networks of other seeds."
    )
    parser.add_argument("folders", nargs="*", type=Path, help="with tagger.onnx and tokenizer.json")
    options = parser.parse_args(arguments)
    runs = (
        [msgspec.json.decode(line, type=SeedRun) for line in RUNS.read_bytes().splitlines()]
        if RUNS.exists()
        else []
    )
    for folder in options.folders:
        run = measured(folder, shared_data())
        runs = [one for one in runs if (one.name, one.version) != (run.name, run.version)] + [run]
    if not runs:
        parser.error(f"{RUNS} is not there: name folders with networks")
    RUNS.write_bytes(b"".join(msgspec.json.encode(run) + b"\n" for run in runs))
    PAGE.write_text(page(runs), "utf-8")
    print(PAGE.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
