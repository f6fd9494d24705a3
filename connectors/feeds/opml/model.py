r"""What stands in an OPML file, and how the path of a folder is written as a tag.

A tag is the path of folders that a source stands in, ``News/Europe``; a slash of a folder's own name is
written ``\/``.  A source that stands in several folders has several tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.source import Folder

__all__ = ["OpmlError", "OpmlFile", "OpmlSource", "steps_of", "tag_of"]

_SEPARATOR: Final = re.compile(r"((?:[^\\/]|\\.)*)(?:/|$)", re.DOTALL)
_DEEPEST: Final = 250
"""Folders within folders; libxml2 reads no deeper."""


class OpmlError(Exception):
    """What was given is no OPML; the message says why."""


class OpmlSource(msgspec.Struct, kw_only=True, frozen=True):
    """One source of a file."""

    url: str
    name: str | None = None
    language: str | None = None
    tags: list[str] = []
    attributes: dict[str, str] = {}
    """What else its outline says (``htmlUrl``, ``description``, …); a namespaced name as ``{uri}name``."""
    folders: list[Folder] = []
    """What is to be kept of folders with this source: attributes of those that it stands in, and the empty ones
    that follow it in the file (the first source also keeps those before it).
    """


class OpmlFile(msgspec.Struct, kw_only=True, frozen=True):
    """What a file holds."""

    title: str | None = None
    sources: list[OpmlSource] = []
    """Each address once, in the file's order; the tags and attributes of its repetitions are joined."""
    skipped: list[tuple[str, str]] = []
    """What of an outline, and why it is no source, or what of it was not kept: for people."""


def tag_of(path: Iterable[str]) -> str:
    """Write a path as a tag."""
    return "/".join(step.replace("\\", "\\\\").replace("/", "\\/") for step in path)


def steps_of(tag: str) -> tuple[str, ...]:
    """Return the path that a tag is; names without a letter are left out."""
    steps = (re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL) for match in _SEPARATOR.finditer(tag))
    return tuple(step for step in steps if step.strip())[:_DEEPEST]
