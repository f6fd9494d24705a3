"""Dedupe in process: how fast it judges, what it holds in memory, how long it takes to be rebuilt.

    python -m bench.dedupe_inprocess                    # 1,000,000 owners
    python -m bench.dedupe_inprocess --entries 3500000  # takes some 15 GB of disk

Articles are synthetic but sized as real ones: 400 words, so 398 shingles, 25 names, 8 numbers, 3 negations.
Times are of one thread, without making the articles and without JSON but for folding, which decodes it.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH

from bench.dedupe_articles import Articles, sightings
from bench.figures import Figure, report
from bench.table import print_table
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from streams.dedupe.near_index import NearIndex, tags_of

CHUNK = 2048
BATCH = 128
"""Articles judged at a time, as the stage does it."""
START_MS = 1_790_000_000_000
"""When the articles to judge arrive."""
SPAN_MS = 6 * 86_400_000
"""Over so many days before that the sightings are spread: within the window for near-duplicates."""


def rss_mib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def chunks(count: int) -> Iterator[int]:
    """Cut *count* into chunks."""
    for begun in range(0, count, CHUNK):
        yield min(CHUNK, count - begun)


def rebuild(state: Dedupe, entries: int, copies: int, articles: Articles) -> float:
    """Fold sightings of *entries* owners, then of *copies* exact copies of them; return the seconds for the
    owners'.
    """
    spent = 0.0
    for copying, count in ((False, entries), (True, copies)):
        for size in chunks(count):
            at_ms = START_MS - SPAN_MS + SPAN_MS * state.position // (entries + copies)
            values = sightings(articles, size, copying=copying, at_ms=at_ms)
            gc.freeze()  # what made the articles is not to be measured
            begun = time.perf_counter()
            for value in values:
                state.fold(value, state.position, at_ms)
            if not copying:
                spent += time.perf_counter() - begun
        begun = time.perf_counter()
        state.flush()
        if not copying:
            spent += time.perf_counter() - begun
    return spent


def judge(state: Dedupe, count: int, articles: Articles) -> tuple[float, float, dict[str, int]]:
    """Judge a mix of articles; return wall and CPU seconds and how many had each verdict."""
    wall = cpu = 0.0
    verdicts: dict[str, int] = {}
    offset = state.position
    for size in chunks(count):
        mixed = articles.mixed(size, at_ms=START_MS + 1000)
        gc.freeze()
        begun, begun_cpu = time.perf_counter(), time.process_time()
        for first in range(0, size, BATCH):
            for item in state.ready(mixed[first : first + BATCH]):
                if isinstance(item, Exception):
                    raise item
                verdict = state.judge_item(item, START_MS + 1000).verdict
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
                state.confirm(offset)
                offset += 1
        wall += time.perf_counter() - begun
        cpu += time.process_time() - begun_cpu
    return wall, cpu, verdicts


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that *run* takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def beside_datasketch(count: int) -> tuple[float, float]:
    """Look up and insert *count* signatures, a tenth of them near one before; return signatures a second of
    datasketch's index and of ours.
    """
    random = np.random.default_rng(7)
    signatures = random.integers(0, 2**32, (count, 128), dtype=np.uint32)
    near = random.random((count, 128)) < 0.85
    for i in range(count // 10, count, 10):
        signatures[i] = np.where(near[i], signatures[i - count // 10], signatures[i])
    hashes = [MinHash(num_perm=128, hashvalues=row, scheme="affine32") for row in signatures]
    values = [row.tobytes() for row in signatures]

    def theirs() -> None:
        index = MinHashLSH(threshold=0.7, num_perm=128)
        for i, one in enumerate(hashes):
            index.query(one)
            index.insert(i, one)

    def ours() -> None:
        index = NearIndex()
        for first in range(0, count, BATCH):
            tags = tags_of(values[first : first + BATCH])
            for i, (own, found) in enumerate(zip(tags, index.look_up(tags), strict=True)):
                index.candidates(own, found)
                index.add(own.tobytes(), (first + i).to_bytes(16, "big"), 398, 0)

    return count / timed(theirs), count / timed(ours)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000, help="owners in the near index")
    parser.add_argument("--identities", type=int, help="articles known; 4 for each owner unless told")
    parser.add_argument("--judge", type=int, default=20_000, help="articles to judge at that size")
    parser.add_argument("--peer", type=int, default=50_000, help="signatures for datasketch and us")
    parser.add_argument("--directory", type=Path, help="where the local files go")
    options = parser.parse_args()
    identities = options.identities or 4 * options.entries
    directory = Path(tempfile.mkdtemp(prefix="dedupe-bench-", dir=options.directory))
    try:
        rows = run(directory, options, identities)
    finally:
        shutil.rmtree(directory)
    print_table(f"dedupe in process, {options.entries:,} owners", ("", "value"), rows)


def run(directory: Path, options: argparse.Namespace, identities: int) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []

    def row(name: str, value: str) -> None:
        rows.append((name, value))

    theirs, ours = beside_datasketch(options.peer)
    articles = Articles(seed=1)
    limits = DedupeLimits(max_near=max(options.entries + options.judge, 1000))
    empty_mib = rss_mib()
    state = Dedupe(limits, directory)
    from_nothing = rebuild(state, options.entries, max(0, identities - options.entries), articles)
    folded_mib = rss_mib()
    row("rebuild from nothing, owners' sightings without the copies'", f"{from_nothing:.1f} s")
    state.close()
    reopened: list[Dedupe] = []

    def reopen() -> None:
        reopened.append(Dedupe(limits, directory))
        reopened[0].flush()

    again = timed(reopen)
    state = reopened[0]
    row("rebuild with the local files", f"{again:.1f} s")
    wall, cpu, verdicts = judge(state, options.judge, articles)
    row("judged", f"{options.judge / wall:,.0f} articles/s, {cpu / options.judge * 1e6:.0f} µs CPU")
    row("verdicts", ", ".join(f"{count:,} {name}" for name, count in sorted(verdicts.items())))
    row("articles known, owners", f"{state.entries:,}, {state.owners:,}")
    row(
        "resident: empty, after folding, at the end",
        f"{empty_mib:.0f}, {folded_mib:.0f}, {rss_mib():.0f} MiB",
    )
    row("near index, arrays", f"{state.near_bytes / max(state.owners, 1):.0f} bytes/entry")
    files = sum(path.stat().st_size for path in directory.rglob("*"))
    row("local files", f"{files / 2**30:.1f} GiB, {files / max(state.entries, 1):.0f} bytes/article")
    row(
        f"LSH look-up and insert, {options.peer:,} signatures",
        f"{ours:,.0f}/s beside datasketch's {theirs:,.0f}/s: {ours / theirs:.1f} ×",
    )
    report(
        figures(
            options.entries,
            judged=options.judge / wall,
            rebuild_s=from_nothing,
            reopen_s=again,
            gib=max(folded_mib, rss_mib()) / 1024,
            lsh=ours / theirs,
        )
    )
    state.close()
    return rows


def figures(
    owners: int, *, judged: float, rebuild_s: float, reopen_s: float, gib: float, lsh: float
) -> list[Figure]:
    """Name what was measured; the floors are for a million owners and hold for fewer."""
    held = owners <= 1_000_000
    what = f"dedupe in process, {owners / 1e6:g} M owners"

    def below(name: str, value: float, unit: str, floor: float) -> Figure:
        limit = floor if held else None
        return Figure(name=f"{what}: {name}", value=value, unit=unit, floor=limit, at_most=True)

    return [
        Figure(name=f"{what}: articles", value=judged, unit="/s", floor=3000 if held else None),
        below("resident", gib, "GiB", 1.5),
        below("rebuild from nothing", rebuild_s, "s", 120),
        below("rebuild with files", reopen_s, "s", 10),
        Figure(name=f"{what}: LSH index, to datasketch's", value=lsh),
    ]


if __name__ == "__main__":
    main()
