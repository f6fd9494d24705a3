"""``newswire ingest`` that reads news without end from its standard input."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Final

from bench.endless_news import endless_news
from newswire.settings import Settings
from newswire.supervisor.child import how_it_ended
from newswire.supervisor.pipeline import stage_specs
from newswire.supervisor.tied import tied

__all__ = ["Ingest", "ingesting"]

STOPS_IN_S: Final = 60.0
TAIL_CHARS: Final = 2000


class Ingest:
    """The process, and how many items it was given."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._news = endless_news()
        self.pid = process.pid
        self.sent = 0

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def send(self, count: int) -> None:
        """Give it the next items; none for a *count* below 1.

        Raises:
            SystemExit: it has ended.
        """
        if count < 1:
            return
        try:
            self._input.writelines(islice(self._news, count))
            self._input.flush()
        except BrokenPipeError:
            self._give_up(self._process.wait(STOPS_IN_S))
        self.sent += count

    def check(self) -> None:
        """Look whether it still runs.

        Raises:
            SystemExit: it does not.
        """
        code = self._process.poll()
        if code is not None:
            self._give_up(code)

    def finish(self) -> None:
        """Tell it that there is no more, and wait until everything is confirmed.

        Raises:
            SystemExit: it is not.
        """
        self._input.close()
        code = self._process.wait(STOPS_IN_S)
        if code != 0:
            self._give_up(code)

    def _give_up(self, code: int) -> None:
        said = self._log.read_text("utf-8", errors="replace")[-TAIL_CHARS:]
        raise SystemExit(f"newswire ingest {how_it_ended(code)}:\n{said}")


@contextlib.contextmanager
def ingesting(settings: Settings) -> Iterator[Ingest]:
    """Start it, and end it with the block."""
    log = settings.data_dir.absolute() / "logs" / "ingest.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            tied((sys.executable, "-m", "newswire", "ingest", "-", "--format", "jsonl")),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(stage_specs(settings)[0].environ),
            start_new_session=True,  # it hears no Ctrl-C
        )
    try:
        yield Ingest(process, log)
    finally:
        process.terminate()
        try:
            process.wait(STOPS_IN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # the rest of a line that nobody reads any more
            process.stdin.close()
