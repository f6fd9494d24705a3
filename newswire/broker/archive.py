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
from newswire.broker.launch import archive_of
from newswire.broker.process import DevBroker

__all__ = ["check", "make_archive"]

CHECK_TIMEOUT_S: Final = 60


def make_archive() -> Path:
    """Return the archive for Kafka's jars and the Java at hand, made unless it is there.

    It appears only when Java has found it whole.

    Raises:
        BrokerError: Kafka cannot be fetched or does not start, or Java makes no archive that it takes.
    """
    java, jars = find_java(), fetch_jars()
    target = archive_of(java, jars)
    with FileLock(target.with_suffix(".lock")):
        if target.is_file():
            return target
        with tempfile.TemporaryDirectory(dir=jars.parent, prefix="archive-") as scratch:
            made = Path(scratch) / target.name
            broker = DevBroker(
                Path(scratch) / "broker",
                ephemeral=True,
                quick=True,
                java_options=[f"-XX:ArchiveClassesAtExit={made}"],
            )
            with broker:
                pass
            check(java, jars, made)
            made.rename(target)
    return target


def check(java: Path, jars: Path, archive: Path) -> None:
    """Let Java look whether it can use the archive, every byte of it.

    Raises:
        BrokerError: it cannot.
    """
    command = [str(java), "-Xshare:on", "-XX:+VerifySharedSpaces", f"-XX:SharedArchiveFile={archive}"]
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
        raise BrokerError(f"{java} made no archive of classes: {said[0] if said else done.returncode}")
