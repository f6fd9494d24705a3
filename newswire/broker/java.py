"""Find a Java that can run Kafka."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from newswire.broker.errors import BrokerError

__all__ = ["find_java", "java_major"]

JAVA_MIN: Final = 17
"""Kafka 4 brokers need it."""
HINT: Final = (
    "install it (apt-get install openjdk-17-jre-headless), "
    "or name an existing cluster in NEWSWIRE_KAFKA_BOOTSTRAP"
)


def find_java() -> Path:
    """Return the ``java`` of ``$JAVA_HOME``, else of the path.

    Raises:
        BrokerError: there is none, or it is older than 17.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(Path(home) / "bin" / "java") if home else None
    found = found or shutil.which("java")
    if found is None:
        raise BrokerError(f"Java {JAVA_MIN} or newer is needed and there is none: {HINT}")
    major = java_major(_version_text(found))
    if major is None:
        raise BrokerError(f"{found} does not tell its version: Java {JAVA_MIN} or newer is needed: {HINT}")
    if major < JAVA_MIN:
        raise BrokerError(f"{found} is Java {major}, and {JAVA_MIN} or newer is needed: {HINT}")
    return Path(found)


def java_major(version_text: str) -> int | None:
    """Read the major version from what ``java -version`` says; before 9 it is the second number."""
    match = re.search(r'version "(\d+)(?:\.(\d+))?', version_text)
    if match is None:
        return None
    first = int(match[1])
    return int(match[2]) if first == 1 and match[2] else first


def _version_text(java: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            [java, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokerError(f"{java} does not run: {error}") from error
    return done.stderr + done.stdout
