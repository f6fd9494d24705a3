"""``.ci/run`` says which program is too old, and which version is needed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.require import ROOT, require

SAID = {
    "java": "openjdk 17.0.15 2025-04-15",
    "javac": "javac 17.0.15",
    "node": "v20.19.0",
    "go": "go version go1.24 linux/amd64",
}


def versions(folder: Path, **said: str) -> tuple[int, list[str]]:
    """Ask where these programs say so on standard output, and something else beside it; return code and lines."""
    for name, line in said.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\necho Picked up JAVA_TOOL_OPTIONS: -Xmx9m >&2\necho '{line}'\n")
        program.chmod(0o755)
    for tool in ("bash", "sh", "grep", "head", "sort"):
        (folder / tool).symlink_to(require(tool))
    done = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", "source .ci/versions.sh; versions"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("said", [SAID, {"node": "v24.1.0", "go": "go version go1.26.8 linux/amd64"}, {}])
def test_what_is_new_enough_or_not_there_yet_is_passed_over(tmp_path: Path, said: dict[str, str]) -> None:
    assert versions(tmp_path, **said) == (0, [])


@pytest.mark.parametrize(
    ("name", "line", "least", "found"),
    [
        ("node", "v18.20.4", "20.19", "18.20.4"),
        ("node", "v20.9.0", "20.19", "20.9.0"),
        ("go", "go version go1.19.8 linux/amd64", "1.24", "1.19.8"),
        ("java", "openjdk 11.0.2", "17", "11.0.2"),
        ("javac", "", "17", "one that does not tell its version"),
    ],
)
def test_what_is_too_old_is_named_in_one_line(
    tmp_path: Path, name: str, line: str, least: str, found: str
) -> None:
    code, lines = versions(tmp_path, **SAID | {name: line})
    assert code == 1
    (told,) = lines
    assert told.startswith(f"{name} {least} or newer is needed, and this machine's is {found}: ")
    assert "first on PATH" in told


def test_each_that_is_too_old_is_named(tmp_path: Path) -> None:
    code, lines = versions(tmp_path, **SAID | {"node": "v18.20.4", "go": "go version go1.19.8 linux/amd64"})
    assert code == 1
    assert [line.split()[0] for line in lines] == ["node", "go"]
