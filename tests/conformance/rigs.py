"""How to prepare a source with known content, for each connector that the suite examines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from connectors.feeds.connector import FeedsConnector
from connectors.files import FilesConnector
from connectors.framework.connector import Connector
from connectors.framework.items import utc
from schemas.limits import MIB
from tests.support.hostile import HostileConnector
from tests.support.web_pages import PagesInMemory, pages_in_memory


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


class FeedsRig:
    """One JSON feed of all items, in the order of feeds: the newest first; each broken piece is a feed of its
    own that no parser can read.  A huge item is a teaser for a page whose record would be over the limit.
    """

    connector = FeedsConnector

    def options(self, directory: Path, source: str, pieces: Sequence[str]) -> dict[str, Any]:
        del directory
        site = pages_in_memory()
        whole = {place: piece for place, piece in enumerate(pieces) if piece != "broken"}
        feeds = [site.put("application/feed+json", _json_feed(site, whole))]
        for place, piece in enumerate(pieces):
            if piece == "broken":
                text = f'{{"version": "https://jsonfeed.org/version/1.1", broken {place} of {source}'
                feeds.append(site.put("application/feed+json", text.encode()))
        allow = [site.host]
        return {"feeds": feeds, "allow_hosts": allow, "once": True, "gap_s": 0, "source": source}


def _json_feed(site: PagesInMemory, pieces: Mapping[int, str]) -> bytes:
    entries = []
    # What is older is history, and goes to the other lane.
    now = utc(datetime.now(UTC))
    for place, piece in reversed(pieces.items()):
        entry: dict[str, Any] = {"id": f"item-{place}", "title": f"Item {place}", "date_published": now}
        if piece == "huge":
            # Each character takes six bytes of JSON: within the page's limit, far over the record's.
            entry |= {"url": site.put("text/plain", b"\x01" * (8 * MIB)), "summary": "A teaser."}
        else:
            entry["content_text"] = f"Text of item {place}. " * 100
        entries.append(entry)
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Items", "items": entries}
    return json.dumps(feed).encode()


def _line(number: int, piece: str) -> str:
    if piece == "broken":
        return f"{{broken {number}\n"
    text = "long text " * MIB if piece == "huge" else f"Text of item {number}."
    return json.dumps({"id": f"item-{number}", "text": text}) + "\n"


RIGS: dict[str, Rig] = {
    "feeds": FeedsRig(),
    "files": FilesRig(),
    "files in a directory": DirectoryRig(),
    "hostile": HostileRig(),
}
"""Those first that take longest to begin."""
