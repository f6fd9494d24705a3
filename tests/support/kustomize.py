"""What Kustomize makes of a folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.support.require import require

__all__ = ["built", "resources"]


def built(folder: Path) -> str:
    """Return the resources of a folder as YAML; kubectl has Kustomize within."""
    kubectl = None if shutil.which("kustomize") else shutil.which("kubectl")
    command = [kubectl, "kustomize"] if kubectl else [require("kustomize"), "build"]
    done = subprocess.run([*command, folder], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def resources(folder: Path) -> list[dict[str, Any]]:
    """Return the resources of a folder."""
    return list(yaml.safe_load_all(built(folder)))
