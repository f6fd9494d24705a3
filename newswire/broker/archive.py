"""Java's archive of Kafka's loaded classes (class data sharing): a start takes some 3 s of a processor less.

It is made once for a Java and a version of Kafka, beside the jars, by starting a broker and ending it.  A broker
starts without it just as well: where it is missing, or another Java's, classes are read from the jars.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from filelock import FileLock

from newswire.broker.errors import BrokerError
from newswire.broker.jars import fetch_jars
from newswire.broker.java import find_java
from newswire.broker.launch import HEAP, archive_of
from newswire.broker.process import DevBroker

__all__ = ["check", "make_archive"]

CHECK_TIMEOUT_S: Final = 60
DUMP_TIMEOUT_S: Final = 120
"""To end Kafka, and to write some 50 MB of classes."""


def make_archive() -> Path:
    """Return the archive for Kafka's jars and the Java at hand, made unless it is there and good.

    It appears only when Java has found it whole, and those of other Javas go then.

    Raises:
        BrokerError: Kafka cannot be fetched or does not start, Java makes no archive that it takes, or there is no
            place to keep it.
    """
    java, jars = find_java(), fetch_jars()
    target = archive_of(java, jars)
    try:
        with FileLock(target.with_suffix(".lock")):
            if target.is_file() and _is_good(java, jars, target):
                return target
            with tempfile.TemporaryDirectory(dir=jars.parent, prefix="archive-") as scratch:
                made = Path(scratch) / target.name
                _dump(Path(scratch) / "broker", made)
                check(java, jars, made)
                for other in jars.parent.glob(f"{jars.name}-*.jsa"):
                    other.unlink()
                made.rename(target)
    except OSError as error:
        raise BrokerError(f"cannot keep Kafka's classes in {jars.parent}: {error}") from error
    return target


def _dump(directory: Path, into: Path) -> None:
    options = [f"-XX:ArchiveClassesAtExit={into}"]
    broker = DevBroker(directory, ephemeral=True, quick=True, java_options=options)
    broker.start()
    broker.stop(DUMP_TIMEOUT_S)


def _is_good(java: Path, jars: Path, archive: Path) -> bool:
    try:
        check(java, jars, archive)
    except BrokerError:
        return False
    return True


def check(java: Path, jars: Path, archive: Path) -> None:
    """Let Java look whether it can use the archive, every byte of it.

    Raises:
        BrokerError: it cannot.
    """
    command = [str(java), *HEAP, "-Xshare:on", "-XX:+VerifySharedSpaces", f"-XX:SharedArchiveFile={archive}"]
    try:
        done = subprocess.run(  # noqa: S603
            [*command, "-cp", f"{jars}/*", "-version"],
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"{java} did not read its archive of classes in {CHECK_TIMEOUT_S} s") from error
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines()
        raise BrokerError(f"{java} made no archive of classes: {said[-1] if said else done.returncode}")
