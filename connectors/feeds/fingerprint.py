"""Whether a page says something else than it did: a hash of its words without what changes by itself.

Scripts, styles, comments, attributes and lists of links are another at each request of most pages.  What is
left are the words of paragraphs, headings, list entries and cells, so that a silent edit of one of them is
noticed; what else changes there costs an item that is judged ``unchanged``.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = ["page_fingerprint"]

BYTES: Final = 8
MOST_TAGS: Final = 50_000
"""Looked at, in some 50 ms; what comes after so many counts as it stands."""

# Possessive, so that a tag that never ends costs its length and not the square of it.
_TAG: Final = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>|<!--|<[!?][^<>]*+>")
_BLOCKS: Final = frozenset(
    (b"p", b"h1", b"h2", b"h3", b"h4", b"li", b"blockquote", b"figcaption", b"td", b"title", b"pre")
)
_UNSEEN: Final = {
    name: re.compile(rb"</" + name, re.IGNORECASE)
    for name in (b"script", b"style", b"noscript", b"template", b"svg", b"iframe")
}
"""Elements whose content is passed over, with the end that is looked for."""
_SPACE: Final = re.compile(rb"\s+")


def page_fingerprint(body: bytes, media_type: str | None) -> bytes:
    """Return the hash of what a page says; of what is no HTML, of its bytes.

    One pass over the bytes, whatever they are.
    """
    words = b""
    if media_type in {None, "text/html", "application/xhtml+xml"}:
        words = _words(body)
    return hashlib.blake2b(words or body, digest_size=BYTES).digest()


def _words(body: bytes) -> bytes:
    blocks: list[bytes] = []
    inside: list[bytes] = []
    unlinked = False
    links = 0
    depth = 0
    at = 0
    tags = 0
    found = _TAG.search(body)
    while found is not None:
        tags += 1
        if tags > MOST_TAGS:
            blocks.append(body[at:])
            break
        if depth and (text := body[at : found.start()].strip()):
            inside.append(text)
            unlinked = unlinked or not links
        at = found.end()
        if found[0] == b"<!--":
            at = _after(body, b"-->", at)
        elif found[2]:
            closing, name = bool(found[1]), found[2].lower()
            if name in _UNSEEN and not closing:
                at = _at_end(body, name, at)
            elif name == b"a":
                links = max(links + (-1 if closing else 1), 0)
            elif name in _BLOCKS:
                depth = max(depth + (-1 if closing else 1), 0)
                if inside and unlinked:
                    blocks.append(_SPACE.sub(b" ", b" ".join(inside)))
                inside, unlinked, links = [], False, 0
        found = _TAG.search(body, at)
    return b"\n".join(blocks)


def _after(body: bytes, mark: bytes, at: int) -> int:
    end = body.find(mark, at)
    return len(body) if end < 0 else end + len(mark)


def _at_end(body: bytes, name: bytes, at: int) -> int:
    end = _UNSEEN[name].search(body, at)
    return len(body) if end is None else end.start()
