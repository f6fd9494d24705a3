"""Fetch Kafka's jars through Maven, once for a machine, and check each against its recorded digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from filelock import FileLock

from newswire.broker.errors import BrokerError

__all__ = ["DEFINITION", "cache_directory", "digests", "fetch_jars"]

DEFINITION: Final = Path(__file__).resolve().parents[2] / "deploy" / "kafka"
"""Holds ``pom.xml`` and ``jars.sha256``, as ``sha256sum`` writes it."""
MAVEN_TIMEOUT_S: Final = 600


def cache_directory() -> Path:
    """Return where fetched jars are kept: ``$XDG_CACHE_HOME/newswire``, for all checkouts of a user."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "newswire"


def fetch_jars(definition: Path = DEFINITION) -> Path:
    """Return the directory with Kafka's jars, fetched through Maven unless it is there.

    It is named after the definition's content, so another version never mixes with this one, and it
    appears only when it is complete and checked.

    Raises:
        BrokerError: Maven is missing or fails, or what it brought is not what was recorded.
    """
    pom, recorded = definition / "pom.xml", definition / "jars.sha256"
    if not pom.is_file() or not recorded.is_file():
        raise BrokerError(
            f"no {pom}: the development broker needs a checkout of newswire; "
            "name an existing cluster in NEWSWIRE_KAFKA_BOOTSTRAP instead"
        )
    name = hashlib.sha256(pom.read_bytes() + recorded.read_bytes()).hexdigest()[:12]
    target = cache_directory() / f"kafka-{name}"
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(target.with_suffix(".lock")),
            tempfile.TemporaryDirectory(dir=target.parent, prefix="fetch-") as scratch,
        ):
            if not target.is_dir():
                fetched = Path(scratch) / "jars"
                _copy_with_maven(pom, fetched)
                _check(fetched, digests(recorded.read_text("ascii")))
                fetched.rename(target)
    except OSError as error:
        raise BrokerError(f"cannot keep Kafka's jars in {target.parent}: {error}") from error
    return target


def digests(text: str) -> dict[str, str]:
    """Read lines of digest and file name, as ``sha256sum`` writes them."""
    pairs = (line.split() for line in text.splitlines() if line.strip())
    return {name.removeprefix("*"): digest for digest, name in pairs}


def _copy_with_maven(pom: Path, into: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerError(
            "Maven is needed to fetch Kafka: install it (apt-get install maven), "
            "or name an existing cluster in NEWSWIRE_KAFKA_BOOTSTRAP"
        )
    command = [maven, "-q", "-B", "--strict-checksums", "-f", str(pom), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=MAVEN_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"Maven did not fetch Kafka in {MAVEN_TIMEOUT_S} s") from error
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        raise BrokerError(f"Maven cannot fetch Kafka: {said[0] if said else f'exit {done.returncode}'}")


def _check(jars: Path, expected: dict[str, str]) -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.glob("*.jar")}
    wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    if wrong:
        raise BrokerError(f"Kafka's jars are not those of jars.sha256: {', '.join(wrong)}")
