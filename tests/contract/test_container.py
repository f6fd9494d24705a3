"""The image: what goes into it is locked, and what it leaves out is not needed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import PurePosixPath

from tests.support.require import ROOT

FOLDER = ROOT / "deploy" / "container"
CONTAINERFILE = (FOLDER / "Containerfile").read_text("utf-8")


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def test_the_image_s_lock_is_that_of_the_project_without_what_only_developers_need():
    everything, image = pins("requirements.lock"), pins("deploy/container/requirements.lock")
    assert image.items() <= everything.items(), "made anew: see CONTRIBUTING.md"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[\[<>=;~! ]", each)[0].lower() for each in project["dependencies"]}
    assert {each.replace("_", "-").replace(".", "-") for each in needed} <= image.keys()
    for left_out in ("pytest", "mypy", "ruff", "playwright", "hypothesis"):
        assert left_out not in image
    locked = (FOLDER / "requirements.lock").read_text("utf-8")
    assert len(re.findall(r"^[\w.-]+==", locked, re.MULTILINE)) <= locked.count("--hash=sha256:")


def test_every_package_of_ours_is_in_it():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packages = {each.rstrip("*") for each in tool["packages"]["find"]["include"]}
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in packages:
        assert f"COPY {name} /src/{name}" in CONTAINERFILE
        assert f"!{name}" in ignored
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE):
        for each in source.split():
            assert (ROOT / each).exists(), each
            assert f"!{each}" in ignored


def test_every_file_that_is_read_when_a_process_runs_is_packaged():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packages = [each.rstrip("*") for each in tool["packages"]["find"]["include"]]
    listed = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for path in map(PurePosixPath, listed.stdout.splitlines()):
        package, *inside = path.parts
        patterns = tool["package-data"].get(package, [])
        packaged = any(fnmatch("/".join(inside), pattern) for pattern in patterns)
        assert path.suffix == ".py" or packaged, f"{path} would be missing from the image: see package-data"


def test_the_base_is_pinned_and_the_user_is_nobody():
    assert re.search(r"^ARG BASE=\S+:3\.11\.\d+-\S+$", CONTAINERFILE, re.MULTILINE)
    assert CONTAINERFILE.count("FROM ${BASE}") == 2, "what builds stays behind"
    assert re.search(r"^USER 10001:10001$", CONTAINERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in CONTAINERFILE
