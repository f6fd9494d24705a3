"""Every benchmark in turn, each in a process of its own, and one summary at the end.

    python -m bench                       # all, at full size: up to 35 minutes on 2 cores
    python -m bench --quick               # all, small: whether they run, not what they would show
    python -m bench engine end-to-end     # some

The exit code is 1 when a figure misses its floor or a benchmark fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.figures import FIGURES_FILE, Figure, read_figures
from bench.table import print_table

ROOT: Final = Path(__file__).resolve().parent.parent


class Benchmark(msgspec.Struct, frozen=True):
    """A module to run, and the arguments that make it small."""

    module: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


BENCHMARKS: Final = {
    "engine": Benchmark("engine_passthrough", (), ("--events", "4000", "--rounds", "1")),
    "end-to-end": Benchmark("end_to_end", (), ("--texts", "120", "--rounds", "1")),
    "enrich": Benchmark("enrich_inprocess", (), ("--texts", "60", "--rounds", "1")),
    "feeds": Benchmark("feed_parsing", (), ("--feeds", "12", "--rounds", "1")),
    "dedupe": Benchmark("dedupe_inprocess", (), ("--entries", "20000", "--judge", "4000", "--peer", "5000")),
    "dedupe-kafka": Benchmark("dedupe_kafka", (), ("--entries", "20000", "--articles", "4000")),
    "dedupe-kafka-large": Benchmark(
        "dedupe_kafka", ("--entries", "3500000"), ("--entries", "30000", "--articles", "4000")
    ),
    "slow-hosts": Benchmark("slow_hosts", (), ("--seconds", "3", "--rounds", "1")),
    "feed-agenda": Benchmark("feed_agenda", (), ("--sizes", "500", "2000")),
    "sources": Benchmark("sources_universe", (), ("--sources", "2000", "--busy", "400", "--seconds", "8")),
    "dedupe-large": Benchmark(
        "dedupe_inprocess",
        ("--entries", "3500000", "--identities", "3500000", "--peer", "5000"),
        ("--entries", "50000", "--identities", "50000", "--judge", "4000", "--peer", "5000"),
    ),
}


def run(name: str, benchmark: Benchmark, figures: Path, *, quick: bool) -> bool:
    """Run one benchmark; return whether it came to its end."""
    arguments = benchmark.quick if quick else benchmark.arguments
    begun = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-m", f"bench.{benchmark.module}", *arguments],
        cwd=ROOT,
        env=os.environ | {FIGURES_FILE: str(figures)},
        check=False,
    ).returncode
    ended = "done" if code == 0 else f"failed, exit code {code}"
    print(f"{name}: {ended} after {time.monotonic() - begun:.0f} s\n", flush=True)
    return code == 0


def row(figure: Figure) -> tuple[str, str, str, str]:
    """Return a figure's row of the summary."""
    verdict = "–" if figure.floor is None else "met" if figure.met else "MISSED"
    return figure.name, figure.text(figure.value), figure.wanted, verdict


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Run benchmarks, each beside its peer."
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all unless told"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: floors are shown, not judged")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]}: there are {', '.join(BENCHMARKS)}")
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"The machine is not quiet (load {load:.1f}): trust ratios more than times.\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        path = Path(directory) / "figures.jsonl"
        failed = [
            name
            for name in options.names or BENCHMARKS
            if not run(name, BENCHMARKS[name], path, quick=options.quick)
        ]
        figures = read_figures(path)
    print_table("All figures", ("figure", "measured", "floor", ""), [row(figure) for figure in figures])
    for name in failed:
        print(f"{name} failed: what it measured is missing above")
    missed = [figure for figure in figures if not figure.met]
    return 1 if failed or (missed and not options.quick) else 0


if __name__ == "__main__":
    sys.exit(main())
