"""What a soak says of its looks: slopes, limits, verdicts; and the news that it is fed with."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench import soak
from bench.drift import drift_of, slope
from bench.endless_news import PUBLISHERS, REMEMBERED, SHARES, endless_news
from bench.soak_looks import Look, Looks, look_at, values_of
from bench.soak_verdict import Row, rows_of, sum_rows
from connectors.framework.lines import item_from_line

SECONDS = [5.0 * number for number in range(300)]
TEN_MINUTES = 600


def test_steady_growth_is_a_slope_and_noise_is_none() -> None:
    draw = random.Random(1)
    noise = [draw.gauss(0, 3) for _ in SECONDS]
    grown = [100 + 0.01 * at + one for at, one in zip(SECONDS, noise, strict=True)]
    assert slope(SECONDS, [100 + 0.01 * at for at in SECONDS]) == pytest.approx(0.01)
    assert slope(SECONDS, grown) == pytest.approx(0.01, rel=0.1)
    assert slope(SECONDS, [100 + one for one in noise]) == pytest.approx(0, abs=0.001)


def test_a_peak_and_a_step_near_an_end_do_not_tilt_it() -> None:
    peak = [100.0] * 300
    peak[180:190] = [500.0] * 10
    assert slope(SECONDS, peak) == 0
    assert slope(SECONDS, [100.0] * 270 + [140.0] * 30) == 0


def test_many_samples_are_thinned_out() -> None:
    seconds = [float(number) for number in range(5000)]
    assert slope(seconds, [2 * at for at in seconds]) == pytest.approx(2)


def test_one_sample_has_no_slope() -> None:
    with pytest.raises(ValueError, match="two samples"):
        slope([0.0], [1.0])


def test_a_top_rate_is_of_two_looks_however_long_one_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now, sleep=lambda _seconds: None)

    def ended_of(_workers: object) -> dict[str, int]:
        clock.now += 10
        return {"enriched": int(clock.now) * 2}

    monkeypatch.setattr(soak, "time", clock)
    monkeypatch.setattr(soak, "ended_of", ended_of)
    ingest = SimpleNamespace(sent=0, send=lambda _more: None)
    assert soak.Soak({}, ingest, Path()).top_rate(6) == pytest.approx(2)


def test_first_and_last_are_those_of_a_tenth() -> None:
    drift = drift_of([float(n) for n in range(20)], [10.0, 90.0, *[50.0] * 16, 60.0, 70.0])
    assert (drift.first, drift.last, drift.most, drift.grown) == (50, 65, 90, 15)


def flat() -> Look:
    return Look(rss=200.0, children_rss=300.0, files=40.0, threads=12.0, lag=3.0)


def seen(name: str = "enrich", **per_s: float) -> list[Row]:
    """Return the rows of a process whose figures grow by so much in a second."""
    looks = Looks()
    for at in SECONDS:
        grown = {field: getattr(flat(), field) + by * at for field, by in per_s.items()}
        looks.add(at, {name: msgspec.structs.replace(flat(), **grown)})
    return rows_of(looks, rate=10.0)


def growing(rows: list[Row]) -> list[str]:
    return [row.what for row in rows if row.kept is False]


def test_what_stays_as_it_is_keeps_to_all_limits() -> None:
    rows = seen()
    assert growing(rows) == []
    assert all(row.kept for row in rows)
    assert [row.what for row in rows] == [
        "enrich: memory, MiB",
        "enrich: memory of its children, MiB",
        "enrich: open files",
        "enrich: threads",
        "enrich: lag, records",
    ]
    assert rows[0].cells() == (
        "enrich: memory, MiB",
        *("200.0", "200.0", "200.0", "+0.00 in 10 min", "< 1 in 10 min", "flat"),
    )


@pytest.mark.parametrize(
    ("field", "per_s", "what"),
    [
        ("rss", 1.01 / TEN_MINUTES, "enrich: memory, MiB"),
        ("children_rss", 1.01 / TEN_MINUTES, "enrich: memory of its children, MiB"),
        ("files", 3 / SECONDS[-1], "enrich: open files"),
        ("threads", 3 / SECONDS[-1], "enrich: threads"),
        ("lag", 51 / SECONDS[-1], "enrich: lag, records"),
    ],
)
def test_what_grows_beyond_its_limit_is_named_alone(field: str, per_s: float, what: str) -> None:
    assert growing(seen(**{field: per_s})) == [what]
    assert growing(seen(**{field: per_s * 0.6})) == []


def test_what_shrinks_is_well() -> None:
    assert growing(seen(rss=-0.1, children_rss=-0.1, files=-0.01, threads=-0.003, lag=-0.001)) == []


def test_ingest_has_no_lag() -> None:
    assert not any("lag" in row.what for row in seen("ingest"))


def test_a_process_without_children_has_no_row_for_them() -> None:
    looks = Looks()
    for at in SECONDS:
        looks.add(at, {"ingest": msgspec.structs.replace(flat(), children_rss=0.0)})
    assert not any("children" in row.what for row in rows_of(looks, 10.0))


def test_the_state_is_told_apart_and_not_judged() -> None:
    looks = Looks()
    for at in SECONDS:
        known = msgspec.structs.replace(
            flat(), state_mib=10 + 0.05 * at, owners=at * 10, state_files=at / 100
        )
        looks.add(at, {"dedupe": known})
    rows = {row.what: row for row in rows_of(looks, 10.0)}
    assert growing(list(rows.values())) == []
    state = rows["dedupe: its state, by its own account, MiB"]
    assert (state.growth, state.kept) == ("+30.00 in 10 min", None)
    assert rows["dedupe: contents known"].growth == "+13,500"
    assert rows["dedupe: memory, MiB"].kept is True


def test_the_warm_up_is_left_out() -> None:
    looks = Looks()
    for at in SECONDS:
        looks.add(at, {"enrich": msgspec.structs.replace(flat(), rss=at)})
    later = looks.since(12.0)
    assert later.seconds[0] == 15.0
    assert later.by_process["enrich"][0].rss == 15.0
    assert len(later.seconds) == len(later.by_process["enrich"]) == len(SECONDS) - 3
    assert looks.since(10_000).seconds == []


@pytest.mark.parametrize(
    ("ended", "fed", "missed"),
    [
        ({"enriched": 90, "duplicate": 10}, 10.0, []),
        ({"enriched": 90, "duplicate": 9}, 10.0, ["items without an outcome"]),
        ({"enriched": 99, "dead_letter": 1}, 10.0, ["dead letters"]),
        ({"enriched": 100}, 9.7, ["items fed, of the rate that was wanted"]),
    ],
)
def test_a_run_counts_where_all_has_ended_and_the_load_was_there(
    ended: dict[str, int], fed: float, missed: list[str]
) -> None:
    assert growing(sum_rows(100, ended, fed, 10.0)) == missed


def test_a_look_is_of_the_process_and_its_children_apart(tmp_path: Path) -> None:
    grandchild = "import sys, time; print(flush=True); time.sleep(60)"
    program = (
        f"import subprocess, sys; f = open(sys.argv[1], 'w'); x = bytearray(64 << 20)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {grandchild!r}], stdout=subprocess.PIPE)\n"
        # Only then has it closed what it started it with, and opens nothing more.
        "child.stdout.readline(); print(flush=True); child.wait()"
    )
    local = tmp_path / "local"
    local.mkdir()
    metrics = """\
# TYPE newswire_dedupe_state_bytes gauge
newswire_dedupe_state_bytes{part="near_index"} 2097152
newswire_dedupe_state_bytes{part="cache"} 1048576
newswire_dedupe_state_bytes{part="write_buffer"} 524288
# TYPE newswire_dedupe_state_entries gauge
newswire_dedupe_state_entries{kind="owners"} 7
newswire_dedupe_state_entries{kind="identities"} 9
# TYPE kafka_consumergroup_lag gauge
kafka_consumergroup_lag{partition="0"} 4
kafka_consumergroup_lag{partition="1"} 5
"""
    families = list(text_string_to_metric_families(metrics))
    with subprocess.Popen(
        [sys.executable, "-c", program, str(local / "file")], stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            plain = look_at(process.pid)
            look = look_at(process.pid, families, local)
        finally:
            for each in (*psutil.Process(process.pid).children(), process):
                each.kill()
    assert plain.rss > 64 > plain.children_rss > 1
    assert look.state_files == 1
    assert look.files == plain.files - 1
    assert (look.state_mib, look.owners, look.lag) == (3.5, 7, 9)
    assert values_of(families, "newswire_nothing") == []


def test_the_news_has_no_end_and_shows_some_of_it_again() -> None:
    items = [
        item_from_line(line, source_id="soak", fetched_at="2026-11-29T00:00:00Z")
        for line in islice(endless_news(), 3000)
    ]
    links = [item.link_key for item in items]
    bodies = [item.body.sha256 for item in items if item.body]
    assert len(bodies) == len(items)
    assert abs(len(set(links)) / len(items) - (SHARES["new"] + SHARES["copy"]) / 100) < 0.05
    assert {item.body.media_type for item in items if item.body} == {"text/plain", "text/html"}
    assert len({item.source_id for item in items}) == PUBLISHERS
    words = [set((item.body.text or "").split()) for item in items if item.body]
    early = set().union(*words[:1000])
    assert len(set().union(*words[-REMEMBERED // 2 :]) - early) > 2000, "nothing new is said"


def test_the_news_is_the_same_for_a_seed() -> None:
    assert list(islice(endless_news(3), 50)) == list(islice(endless_news(3), 50))
    assert list(islice(endless_news(3), 50)) != list(islice(endless_news(4), 50))


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (None, 0), (False, 1)])
def test_the_exit_code_is_the_verdict(
    kept: bool | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(soak, "run", lambda *_, **__: [Row("lag", "1", "2", "3", "+1", "< 9", kept)])
    monkeypatch.setattr(soak.signal, "signal", lambda *_: None)
    monkeypatch.setattr(soak.os, "environ", dict(os.environ))
    assert soak.main(["--minutes", "2"]) == code
    assert "| lag | 1 | 2 | 3 | +1 | < 9 |" in capsys.readouterr().out


def test_it_says_when_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> list[Row]:
        raise KeyboardInterrupt

    monkeypatch.setattr(soak, "run", stopped)
    monkeypatch.setattr(soak.signal, "signal", lambda *_: None)
    monkeypatch.setattr(soak.os, "environ", dict(os.environ))
    assert soak.main([]) == 130


def test_a_run_too_short_for_a_slope_is_refused() -> None:
    with pytest.raises(SystemExit):
        soak.main(["--minutes", "0.5"])
