"""How to prepare a source with known content, for each connector that the suite examines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from connectors.files import FilesConnector
from connectors.framework.connector import Connector
from schemas.limits import MIB
from tests.support.hostile import HostileConnector


class Rig(Protocol):
    """Prepares sources of one connector.

    *pieces* say what the source holds, in order: ``item`` (with the native id ``item-N`` at place N),
    ``broken`` or ``huge`` (an item whose body is over the limit).  All of it is of the source *source*.
    """

    @property
    def connector(self) -> type[Connector[Any]]:
        """What is examined."""

    def options(self, directory: Path, source: str, pieces: Sequence[str]) -> dict[str, Any]:
        """Prepare the source and return the options that read it."""


class HostileRig:
    """The hostile connector on its best behaviour."""

    connector = HostileConnector

    def options(self, directory: Path, source: str, pieces: Sequence[str]) -> dict[str, Any]:
        del directory
        return {"steps": list(pieces), "source": source}


class FilesRig:
    """One file of JSON lines."""

    connector = FilesConnector

    def options(self, directory: Path, source: str, pieces: Sequence[str]) -> dict[str, Any]:
        path = directory / "items.jsonl"
        path.write_text("".join(_line(number, piece) for number, piece in enumerate(pieces)), "utf-8")
        return {"paths": [str(path)], "source": source}


class DirectoryRig:
    """A directory of many files, each with some lines."""

    connector = FilesConnector
    lines = 3

    def options(self, directory: Path, source: str, pieces: Sequence[str]) -> dict[str, Any]:
        root = directory / "items"
        for start in range(0, len(pieces), self.lines):
            folder = root / f"{start // 300:04}"
            folder.mkdir(parents=True, exist_ok=True)
            some = enumerate(pieces[start : start + self.lines], start)
            lines = "".join(_line(number, piece) for number, piece in some)
            (folder / f"{start:06}.jsonl").write_text(lines, "utf-8")
        return {"paths": [str(root)], "source": source}


def _line(number: int, piece: str) -> str:
    if piece == "broken":
        return f"{{broken {number}\n"
    text = "long text " * MIB if piece == "huge" else f"Text of item {number}."
    return json.dumps({"id": f"item-{number}", "text": text}) + "\n"


RIGS: dict[str, Rig] = {"files": FilesRig(), "files in a directory": DirectoryRig(), "hostile": HostileRig()}
