"""The frozen half of the gold set: which articles it is, and that nothing of it changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bench.gold.checking import GOLD, article_ids, load

__all__ = ["MANIFEST", "changes", "freeze", "frozen_articles", "open_articles"]

MANIFEST = "FROZEN.sha256"
"""As ``sha256sum`` writes it, relative to the folder that it is in: ``sha256sum -c FROZEN.sha256``."""


def frozen_articles(root: Path = GOLD) -> list[str]:
    """Return the articles of the frozen half: the even-numbered."""
    return [article for article in article_ids(root) if int(article[1:]) % 2 == 0]


def open_articles(root: Path = GOLD) -> list[str]:
    """Return the articles of the open half."""
    return [article for article in article_ids(root) if int(article[1:]) % 2]


def freeze(root: Path = GOLD) -> int:
    """Write the hashes of the frozen half's articles and adjudicated labels; return of how many files.

    Raises:
        FileExistsError: it is frozen already.
        FileNotFoundError: an article has no adjudicated labels yet.
        ValueError: adjudicated labels have an error.

    """
    manifest = root / MANIFEST
    if manifest.exists():
        raise FileExistsError(f"{MANIFEST} is there: what is frozen stays so")
    for article in frozen_articles(root):
        errors = [problem for problem in load(article, "gold", root)[1] if not problem.warning]
        if errors:
            raise ValueError(f"{errors[0]} ({len(errors)} errors)")
    files = _files(root)
    manifest.write_text("".join(f"{_hash(root / name)}  {name}\n" for name in files), "utf-8")
    return len(files)


def changes(root: Path = GOLD) -> list[str]:
    """Return what is not as it was frozen, by file.

    Raises:
        FileNotFoundError: nothing is frozen yet.

    """
    lines = (root / MANIFEST).read_text("utf-8").splitlines()
    held = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = [f"{name} is not held" for name in _files(root) if name not in held]
    for name, digest in held.items():
        if not (root / name).exists():
            found.append(f"{name} is missing")
        elif _hash(root / name) != digest:
            found.append(f"{name} has changed")
    return found


def _files(root: Path) -> list[str]:
    articles = frozen_articles(root)
    return [f"articles/{a}.txt" for a in articles] + [f"labels/gold/{a}.yaml" for a in articles]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
