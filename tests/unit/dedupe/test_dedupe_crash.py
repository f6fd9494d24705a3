"""Real processes, killed with SIGKILL while they judge and while they fold."""

from __future__ import annotations

import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import Article
from schemas.wire import encode
from streams.dedupe.dedupe import Dedupe, DedupeLimits
from tests.support.waiting import eventually
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose

ROOT = Path(__file__).resolve().parents[3]
LIMITS = DedupeLimits(identity_ms=DAY, near_ms=DAY // 2)
HEAD = struct.Struct(">I")
KINDS = 300


def shown(number: int) -> tuple[Article, int]:
    """The *number*th record of the input topic: articles that come again, revised, copied, nearly copied."""
    draw = random.Random(number)
    at = START + number * 60_000
    seed = draw.randrange(KINDS) if draw.random() < 0.5 else number
    text = prose(40, seed=seed)
    if draw.random() < 0.3:
        text += f" {draw.randrange(100)}"
    return article(text, url=f"https://example.org/{draw.choice((seed, number))}", at=at), at


def read_topic(path: Path) -> Iterator[bytes]:
    """Read the sightings that left whole."""
    data, at = path.read_bytes() if path.exists() else b"", 0
    while at + HEAD.size <= len(data):
        (size,) = HEAD.unpack_from(data, at)
        value = data[at + HEAD.size : at + HEAD.size + size]
        if len(value) < size:
            return
        yield value
        at += HEAD.size + size


def opened(directory: Path | None, topic: Path) -> tuple[Dedupe, int, int]:
    """Rebuild; return the state, from where on it was folded, and the topic's end."""
    state = Dedupe(LIMITS, directory)
    begun, end = state.position, 0
    for offset, value in enumerate(read_topic(topic)):
        if offset >= begun:
            state.fold(value, offset, START + 1000 * DAY)
        end = offset + 1
    return state, begun, end


def work(directory: Path, topic: Path) -> None:
    """Judge for ever: what left lies in a file, and is confirmed a little later."""
    state, _, end = opened(directory, topic)
    draw = random.Random(end)
    waiting: list[int] = []
    number = end
    with topic.open("r+b") as out:
        out.truncate(sum(HEAD.size + len(value) for value in read_topic(topic)))
        out.seek(0, 2)
        while True:
            value = encode(state.judge(*shown(number)))
            out.write(HEAD.pack(len(value)) + value)
            out.flush()
            waiting.append(number)
            number += 1
            while waiting and draw.random() < 0.9:
                state.confirm(waiting.pop(0))
            if draw.random() < 0.003:
                state.flush()


def work_until_killed(directory: Path, topic: Path, pause_s: float) -> None:
    """Let a process judge, and kill it *pause_s* seconds after its first sighting."""
    before = topic.stat().st_size
    process = subprocess.Popen([sys.executable, "-c", WORK, str(directory), str(topic)], cwd=ROOT)

    def judges() -> bool:
        assert process.poll() is None
        return topic.stat().st_size != before

    try:
        eventually(judges, "its first sighting", pause_s=0.01)
        time.sleep(pause_s)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    directory, topic = tmp_path / "files", tmp_path / "topic"
    topic.touch()
    begins = []
    for _ in range(5):
        work_until_killed(directory, topic, draw.uniform(0.05, 0.8))
        state, begun, end = opened(directory, topic)
        begins.append(begun)
        assert begun <= end
        check(state, topic, end)
        state.close()
    assert max(begins) > 0


def check(state: Dedupe, topic: Path, end: int) -> None:
    """The state is what the whole topic says, not what the files might have said otherwise."""
    whole, _, _ = opened(None, topic)
    for number in [*range(max(0, end - 20), end), *range(end, end + 150)]:
        assert encode(state.judge(*shown(number))) == encode(whole.judge(*shown(number)))
    assert (state.entries, state.owners) == (whole.entries, whole.owners)
    whole.close()


@pytest.mark.timeout(300)
def test_what_left_is_what_one_run_says(tmp_path: Path) -> None:
    """The reference is not the topic itself, which killed workers wrote: the whole was judged alike."""
    directory, topic = tmp_path / "files", tmp_path / "topic"
    topic.touch()
    for pause_s in (0.3, 0.5):
        work_until_killed(directory, topic, pause_s)
    state = Dedupe(LIMITS, None)
    left = list(read_topic(topic))
    assert left
    for number, value in enumerate(left):
        assert encode(state.judge(*shown(number))) == value
    state.close()


WORK = "import sys; from pathlib import Path; from tests.unit.dedupe import test_dedupe_crash as t;\
 t.work(Path(sys.argv[1]), Path(sys.argv[2]))"
