"""Hold a process to the rights that it needs: told at once what is missing, and ended when one is taken away.

Clients of Kafka take a refusal for something that may pass, and some try for ever.  So the cluster is asked:
before the process begins, when it has failed, and, of one that runs until it is stopped, again and again.  Such a
process ends: who started it starts it again, and it says what it lacks until somebody grants it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Final

from kafka.errors import KafkaError

from newswire.access.check import Asker, asking
from newswire.access.commands import grant
from newswire.access.rights import Process, Right, process_named, rights_of
from newswire.settings import ConfigError, Settings

__all__ = ["EXIT_REFUSED", "NotAllowed", "end_at_once", "hold", "told_why"]

GRACE_S: Final = 4.0
"""For a process to end by itself when a right was taken away: with the interval less than Faust has after a crash."""
CONFIRM_S: Final = 0.5
"""After which what is missing is asked for once more: a broker may be just reading its rules."""
ASK_TIMES: Final = 2
"""How often the cluster is asked what a process that failed lacks, where it gives no answer."""
EXIT_REFUSED: Final = 2


class NotAllowed(ConfigError):
    """The cluster does not let us in, or does not let us do what we must."""


class Held:
    """What a process was told to need."""

    def __init__(self, process: Process, settings: Settings, only: str | None = None) -> None:
        """*only* is the one topic that it has to do with."""
        self._process, self.settings = process, settings
        self._rights = [each for each in rights_of(process, settings.lane) if only in {None, each.name}]
        self.lost: str | None = None
        """The line to say, once a right was found missing while the process ran."""
        self.telling = threading.Lock()
        """Held by whoever says it: the process as it ends, or the one that ends it."""
        self.ending = False
        """Whether the process has come to its end by itself.  Written by who holds `telling`."""
        self._told = False

    def tell(self) -> bool:
        """Say the line, once; return whether there is one.  The caller holds `telling`."""
        if self.lost and not self._told:
            sys.stderr.write(f"newswire: {self.lost}\n")
            sys.stderr.flush()
            self._told = True
        return self.lost is not None

    def missing_now(self) -> str | None:
        """Ask over a connection of its own, as `missing` does; null where nobody answers, too."""
        for _ in range(ASK_TIMES):
            try:
                with asking(self.settings) as asker:
                    return self.missing(asker)
            except KafkaError:
                continue  # that nobody answers is for the failure itself to tell
        return None

    def ask_once(self) -> None:
        """Ask what is missing, unless that is known; who watches may find it meanwhile, and that stays."""
        if not self.lost:
            found = self.missing_now()
            if found:
                self.lost = found

    def missing(self, asker: Asker) -> str | None:
        """Return the line that tells what is missing; null where nothing is.

        Raises:
            KafkaError: nobody answers.
        """
        missing = asker.lacking(self._rights)
        return self._line(missing) if missing else None

    def watch(self, interval_s: float) -> None:
        """Ask again and again, and return when something is missing.  Who does not answer is asked later."""
        pause = threading.Event()
        while not self.lost:
            try:
                with asking(self.settings) as asker:
                    while not self.lost:
                        pause.wait(interval_s)
                        if self.missing(asker):
                            pause.wait(CONFIRM_S)
                            self.lost = self.missing(asker)
            except KafkaError:
                pause.wait(interval_s)

    def _line(self, missing: list[Right]) -> str:
        first, settings = missing[0], self.settings
        more = f" (nor {len(missing) - 1} more)" if len(missing) > 1 else ""
        who = settings.kafka_sasl_username or "the owner of kafka_ssl_certfile"
        return (
            f"Kafka at {settings.kafka_bootstrap} does not allow {who} {first}{more}, and newswire "
            f"{self._process.command} needs it; grant it: {grant(first, settings)} (all it needs: "
            f"newswire topics acls {self._process.name})"
        )


_held: list[Held] = []
"""Of this process, which is one command: none or one."""


def hold(
    name: str,
    settings: Settings,
    *,
    stays: bool = False,
    only: str | None = None,
    ended_by: signal.Signals = signal.SIGTERM,
) -> None:
    """Check that this process, one of `newswire.access.rights.PROCESSES`, is let in and has its rights.

    *stays* is of a process that runs until it is stopped: it ends when a right is taken away, by the signal
    *ended_by* where it handles that.  *only* is the one topic that it has to do with.  Where Kafka is not
    secured nothing is asked.

    Raises:
        NotAllowed: something is missing; the message says what, and how to mend it.
        KafkaError: nobody answers.
    """
    _held.clear()
    if settings.kafka_security_protocol == "PLAINTEXT":
        return
    from newswire.access.reach import why_refused

    refused = why_refused(settings)
    if refused:
        raise NotAllowed(refused)
    held = Held(process_named(name), settings, only)
    with asking(settings) as asker:
        missing = held.missing(asker)
    if missing:
        raise NotAllowed(missing)
    _held.append(held)
    if stays and settings.kafka_rights_interval_s:
        threading.Thread(
            target=_end_without,
            args=(held, settings.kafka_rights_interval_s, ended_by),
            name="watch-rights",
            daemon=True,
        ).start()


def told_why(*, failed: bool) -> bool:
    """At the end of this process, tell in one line what it lacks; return false where that is not why it ends.

    Of one that has *failed*, the cluster is asked.
    """
    for held in _held:
        with held.telling:
            held.ending = True
            if failed:
                held.ask_once()
            return held.tell()
    return False


def end_at_once(code: int) -> None:
    """End this process as `os._exit` does, whatever it still does, but tell before what it lacks."""
    os._exit(EXIT_REFUSED if told_why(failed=code != 0) else code)


def _end_without(held: Held, interval_s: float, ended_by: signal.Signals) -> None:
    """End the process when it has not its rights any more: as a stop does, and if that takes long, at once."""
    held.watch(interval_s)
    if _ends_by_itself(held, ended_by):
        threading.Event().wait(GRACE_S)
    with held.telling:
        held.tell()
    os._exit(EXIT_REFUSED)


def _ends_by_itself(held: Held, ended_by: signal.Signals) -> bool:
    """Send the process the signal, but where it is ending already: that would meet an interpreter which unwinds, and
    nothing there takes a KeyboardInterrupt.  Return whether it is on its way to its end.
    """
    if not held.telling.acquire(blocking=False):
        return True  # it asks why it has failed, and that may take long
    # It is sent while we hold it, so that nobody passes from running to ending in between.
    try:
        if held.ending:
            return True
        if signal.getsignal(ended_by) in {signal.SIG_DFL, signal.SIG_IGN}:
            return False
        os.kill(os.getpid(), ended_by)
        return True
    finally:
        held.telling.release()
