"""Which entries of a feed are one, and which are not although they have one id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import msgspec

from connectors.feeds.model import FeedFlag, ParsedEntry
from schemas import ids

__all__ = ["told_apart"]

_MARK_CHARS = 16


def told_apart(entries: list[ParsedEntry]) -> tuple[list[ParsedEntry], list[FeedFlag]]:
    """Give every entry an id that no other has, in the feed's order, and say what was wrong with theirs.

    An entry without an id takes its link, or else a hash of its title and summary.  Ids are reused for
    different articles, and links to a home page stand for many: where entries of one id have different
    links, each takes a hash of its link to its id; where the link is the same too and the titles are not, a
    hash of the title.  Entries that agree in all three are one, and the first counts.
    """
    flags: list[FeedFlag] = []
    if any(not entry.native_id for entry in entries):
        flags.append("missing_guids")
        entries = [_named(entry) for entry in entries]
    found = len(entries)
    if len({entry.native_id for entry in entries}) < found:
        entries = _first_of_each(entries)
        if len(entries) < found:
            flags.append("repeated_entries")
        entries, collided = _apart(entries, lambda entry: entry.url or "")
        entries, again = _apart(entries, lambda entry: entry.title or entry.summary or "")
        if collided or again:
            flags.append("duplicate_guids")
    return entries, flags


def _named(entry: ParsedEntry) -> ParsedEntry:
    if entry.native_id:
        return entry
    texts = "\n".join((entry.title or "", entry.summary or entry.content or ""))
    name = entry.url or f"hash:{ids.sha256_hex(texts)}"
    return msgspec.structs.replace(entry, native_id=name, id_is_own=False)


def _first_of_each(entries: list[ParsedEntry]) -> list[ParsedEntry]:
    kept: dict[tuple[str, str, str], ParsedEntry] = {}
    for entry in entries:
        kept.setdefault((entry.native_id, entry.url or "", entry.title or entry.summary or ""), entry)
    return list(kept.values())


def _apart(entries: list[ParsedEntry], mark: Callable[[ParsedEntry], str]) -> tuple[list[ParsedEntry], bool]:
    """Add a hash of the mark to the ids that entries with different marks have in common."""
    marks: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        marks[entry.native_id].add(mark(entry))
    shared = {name for name, various in marks.items() if len(various) > 1}
    if not shared:
        return entries, False
    return [
        msgspec.structs.replace(entry, native_id=f"{entry.native_id} #{_hash(mark(entry))}")
        if entry.native_id in shared
        else entry
        for entry in entries
    ], True


def _hash(text: str) -> str:
    return ids.sha256_hex(text)[:_MARK_CHARS]
