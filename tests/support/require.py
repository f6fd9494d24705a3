"""Real components that a test needs.

A test whose component is missing is skipped, and the summary names the component; with REQUIRE_ALL=1 it
fails instead.  Research data is not a component: a test that needs it is skipped in either case.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"kcat": "kcat", "promtool": "prometheus", "mvn": "maven", "java": "openjdk-17-jre-headless"}
NOT_RUN: Counter[str] = Counter()
"""How many tests were skipped for want of each component; read by the summary."""


def require(program: str) -> str:
    """Return the path of a program, or skip the test."""
    found = shutil.which(program)
    if found is None:
        missing(program, f"apt-get install {PACKAGES.get(program, program)}")
    return found


def require_kafka() -> None:
    """Skip the test where the development broker cannot run: no Java 17, or no way to its jars."""
    from newswire.broker import BrokerError, fetch_jars
    from newswire.broker.java import find_java

    try:
        find_java()
        fetch_jars()
    except BrokerError as error:
        missing("Kafka", str(error))


def require_shared(name: str) -> Path:
    """Return a folder or file of the shared research data, or skip the test."""
    path = shared_data() / name
    if not path.exists():
        NOT_RUN[f"shared data {name}"] += 1
        pytest.skip(f"shared data {name} is absent: NEWSWIRE_SHARED names the folder that holds data/{name}")
    return path


def shared_data() -> Path:
    """Return where the shared research data would be."""
    return Path(os.environ.get("NEWSWIRE_SHARED") or ROOT.parent / "shared") / "data"


def missing(component: str, what_to_do: str) -> NoReturn:
    """Skip the test for want of a component, or fail it where all are required."""
    message = f"{component} is missing: {what_to_do}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    NOT_RUN[component] += 1
    pytest.skip(message)
