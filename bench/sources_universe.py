"""One process that carries 180,000 sources, beside a plain aiohttp loop over feeds of the same universe.

    python -m bench.sources_universe
    python -m bench.sources_universe --part busy --busy 4000 --seconds 10

Three workers, one after the other, each over a Kafka of its own and sources whose states lie there as if all had
been polled before; the robots.txt of their hosts are known, but for the one in 48 that is older than a day.  The
first carries all of them at their ordinary pace, one poll each in half an hour: how late polls are, what one
costs, what memory it takes.  The second carries a twentieth of them that are due as often, a hundred a second:
what a poll costs may not depend on how many others wait.  The third has some of them, due again and again at more
than it can do: how many it can.  The peer is given the same feeds to poll as fast as it can.  The universe is
served by a process of its own (`bench.universe`), which has its share of the machine, as Kafka has.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import psutil

from bench.figures import Figure, report
from bench.kafka import running_broker
from bench.plain_loop import in_process
from bench.table import print_table
from bench.universe import url_of
from bench.universe_topics import Plan, fill
from bench.universe_worker import plain_loop, read_record
from connectors.feeds.agenda import Agenda, Held
from newswire.settings import Settings
from newswire.supervisor.child import Child, ChildSpec, how_it_ended
from schemas.limits import MIB

HALF_HOUR_S: Final = 1_800
MEMORY_MIB: Final = 1_024.0
BUSY_INTERVAL_S: Final = 10
FEWER: Final = 20
FLAT: Final = 1.25
"""The most that a poll may cost with so many sources more, of what it costs with few."""
COLUMNS: Final = (
    *("", "sources", "polls/s", "CPU ms/poll", "of it in the main process", "that is busy", "memory MiB"),
    "taken over in",
)
FILL_S: Final = 0.0006
"""To write one source, about; polls are due once all are written and taken over."""
TAKE_OVER_S: Final = 0.0006
SETTLE_S: Final = 15.0


class Carried(msgspec.Struct, frozen=True):
    """What one worker showed in its window of measurement."""

    sources: int
    seconds: float
    polls: int
    late: list[float]
    cpu_s: float
    """Of the worker and its children."""
    main_cpu_s: float
    memory_mib: float
    """Largest resident size of the worker's process in the window."""
    family_mib: float
    """The same with its children."""
    take_over_s: float

    @property
    def busy(self) -> float:
        """Share of the time in which the worker's own process worked."""
        return self.main_cpu_s / self.seconds

    @property
    def rate(self) -> float:
        return self.polls / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu_s / max(self.polls, 1) * 1000


class Family:
    """A worker and its children, as the system counts them."""

    def __init__(self, pid: int) -> None:
        self.main = psutil.Process(pid)

    def cpu(self) -> tuple[float, float]:
        main = self.main.cpu_times()
        own = main.user + main.system
        others = 0.0
        for each in self.main.children(recursive=True):
            times = each.cpu_times()
            others += times.user + times.system
        return own, own + others + main.children_user + main.children_system

    def memory(self) -> tuple[float, float]:
        own = self.main.memory_info().rss / MIB
        return own, own + sum(each.memory_info().rss / MIB for each in self.main.children(recursive=True))


@contextmanager
def universe() -> Iterator[int]:
    """Serve the universe; yields its port."""
    served = subprocess.Popen([sys.executable, "-m", "bench.universe"], stdout=subprocess.PIPE)
    try:
        assert served.stdout is not None
        yield int(served.stdout.readline())
    finally:
        served.kill()
        served.wait()


def carry(settings: Settings, directory: Path, plan: Plan, *, settle_s: float, seconds: float) -> Carried:
    """Run a worker over the plan's sources, and measure it for a while once they are due."""
    record = directory / "record.json"
    environ = os.environ | {
        "NEWSWIRE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "NEWSWIRE_DATA_DIR": str(directory / "run"),
        "NEWSWIRE_LOG_LEVEL": "info",
    }
    spec = ChildSpec(
        name="worker",
        command=(sys.executable, "-m", "bench.universe_worker", str(record), str(plan.size), str(plan.port)),
        environ=environ,
        log=directory / "worker.log",
    )
    child = Child(spec)
    begun = time.monotonic()
    child.start()
    while not any(
        event.get("event") == "assigned" and event.get("sources") for event in child.log.new_events()
    ):
        _alive(child)
        time.sleep(0.05)
    take_over_s = time.monotonic() - begun
    assert child.pid is not None
    family = Family(child.pid)
    time.sleep(max(plan.due_from - time.time(), 0.0) + settle_s)
    _alive(child)
    begin, before = time.time(), family.cpu()
    own, whole = family.memory()
    while time.time() < begin + seconds:
        time.sleep(0.5)
        _alive(child)
        now = family.memory()
        own, whole = max(own, now[0]), max(whole, now[1])
    end, after = time.time(), family.cpu()
    child.terminate()
    while (code := child.ended()) is None:
        time.sleep(0.05)
    if code != 0:
        raise SystemExit(f"the worker {how_it_ended(code)}:\n" + "\n".join(child.log.tail(20)))
    late = read_record(record).within(begin, end)
    return Carried(
        sources=plan.size,
        seconds=end - begin,
        polls=len(late),
        late=late,
        cpu_s=after[1] - before[1],
        main_cpu_s=after[0] - before[0],
        memory_mib=own,
        family_mib=whole,
        take_over_s=take_over_s,
    )


def _alive(child: Child) -> None:
    code = child.ended()
    if code is not None:
        raise SystemExit(f"the worker {how_it_ended(code)}:\n" + "\n".join(child.log.tail(20)))


def scheduling_us(sources: int, turns: int = 200_000) -> float:
    """Return microseconds to take what is due and put it back, with so many sources."""
    agenda = Agenda()
    for number in range(sources):
        held = Held(f"{number:036d}", b"", b"")
        agenda.add(held)
        agenda.schedule(held, number * HALF_HOUR_S / sources)
    now = 0.0
    begun = time.perf_counter()
    for _ in range(turns):
        now += HALF_HOUR_S / sources
        due = agenda.take(now)
        if due is not None:
            agenda.schedule(due, now + HALF_HOUR_S)
    return (time.perf_counter() - begun) / turns * 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=180_000, help="carried at their ordinary pace")
    parser.add_argument("--busy", type=int, default=24_000, help="of these, polled as fast as can be")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each measurement")
    parser.add_argument("--part", choices=("all", "pace", "busy"), default="all", help="what is measured")
    options = parser.parse_args(arguments)
    with universe() as port:
        if options.part != "pace":
            _compare(options.busy, port, options.seconds / 2)
        if options.part != "busy":
            _carry_all(options.sources, port, options.seconds)
    return 0


def _compare(size: int, port: int, seconds: float) -> None:
    """Poll as fast as can be, beside the plain loop."""
    busy = _at(_busy_plan(size, port), settle_s=10.0 + size / 400, seconds=seconds)
    spent, polls = in_process(plain_loop, [url_of(number, port) for number in range(size)], seconds)
    plain_rate, plain_ms = polls / spent.seconds, spent.cpu_s / polls * 1000
    print_table(
        "Sources, as fast as can be",
        COLUMNS,
        [
            _row(f"ours, {size / BUSY_INTERVAL_S:,.0f} due a second", busy),
            (
                *("plain aiohttp", f"{size:,}", f"{plain_rate:,.0f}", f"{plain_ms:.2f}", f"{plain_ms:.2f}"),
                *(f"{spent.cpu_s / spent.seconds:.0%}", "", ""),
            ),
        ],
        "The plain loop asks for no robots.txt, parses in place and sends nothing anywhere.",
    )
    report(
        [
            Figure(name="sources: polls a second, as fast as can be", value=busy.rate, unit="/s"),
            Figure(name="sources: polls a second, of the plain loop's", value=busy.rate / plain_rate),
            Figure(name="sources: CPU of a poll, of the plain loop's", value=busy.cpu_ms / plain_ms),
        ]
    )


def _carry_all(size: int, port: int, seconds: float) -> None:
    """Poll at the ordinary pace, and a twentieth of the sources at the same number of polls a second."""
    few = _at(_pace_plan(size // FEWER, size, port), settle_s=SETTLE_S, seconds=seconds)
    many = _at(_pace_plan(size, size, port), settle_s=SETTLE_S, seconds=seconds)
    quick, slow = scheduling_us(max(size // 100, 10)), scheduling_us(size)
    late = sorted(many.late) or [0.0]
    p50, p99 = statistics.median(late), late[int(len(late) * 0.99) - 1]
    print_table(
        "Sources, at their pace",
        COLUMNS,
        [_row("all", many), _row("few, due as often", few)],
        f"Polls of all begin {p50:.2f} s late in the median, {p99:.2f} s at the 99th percentile. Taking what is "
        f"due costs {quick:.1f} µs with {max(size // 100, 10):,} sources, {slow:.1f} µs with {size:,}.\n"
        f"Memory is the process's resident size; with its parser {many.family_mib:,.0f} MiB.",
    )
    report(
        [
            Figure(
                name=f"sources: memory of one process with {size:,}",
                value=many.memory_mib,
                unit="MiB",
                floor=MEMORY_MIB,
                at_most=True,
            ),
            Figure(name="sources: polls begin late, 99th percentile", value=p99, unit="s"),
            Figure(
                name=f"sources: CPU of a poll with {FEWER} times as many sources",
                value=many.cpu_ms / few.cpu_ms,
                floor=FLAT,
                at_most=True,
            ),
            Figure(
                name="sources: cost of scheduling with 100 times as many",
                value=slow / quick,
                floor=3.0,
                at_most=True,
            ),
        ]
    )


def _busy_plan(size: int, port: int) -> Plan:
    return Plan(
        size=size,
        port=port,
        due_from=_ready_at(size),
        due_within_s=5.0,
        interval_s=BUSY_INTERVAL_S,
        fastest_s=BUSY_INTERVAL_S,
        slowest_s=BUSY_INTERVAL_S,
    )


def _pace_plan(size: int, of: int, port: int) -> Plan:
    """Plan for *size* sources that come due as *of* do at one poll in half an hour each."""
    return Plan(
        size=size,
        port=port,
        due_from=_ready_at(size),
        due_within_s=HALF_HOUR_S * size / of,
        interval_s=HALF_HOUR_S,
    )


def _ready_at(size: int) -> float:
    return time.time() + 10.0 + size * (FILL_S + TAKE_OVER_S)


def _at(plan: Plan, *, settle_s: float, seconds: float) -> Carried:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        with running_broker(directory) as settings:
            fill(settings, plan)
            return carry(settings, directory, plan, settle_s=settle_s, seconds=seconds)


def _row(name: str, carried: Carried) -> tuple[str, ...]:
    return (
        name,
        f"{carried.sources:,}",
        f"{carried.rate:,.0f}",
        f"{carried.cpu_ms:.2f}",
        f"{carried.main_cpu_s / max(carried.polls, 1) * 1000:.2f}",
        f"{carried.busy:.0%}",
        f"{carried.memory_mib:,.0f}",
        f"{carried.take_over_s:.1f} s",
    )


if __name__ == "__main__":
    sys.exit(main())
