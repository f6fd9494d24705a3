"""The text of a piece of HTML that is all content: what a feed says of an entry, a title with markup.

Whole pages go through `streams.normalize.extract`, which tells content from everything around it.
"""

from __future__ import annotations

import re
from typing import Final

from streams.normalize.clean import clean, one_line, parsable

__all__ = ["fragment_text", "has_markup", "is_page", "line_of"]

_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>|&(?:#\d+|#[xX][\da-fA-F]+|[a-zA-Z]\w{1,31});")
_SPACE = re.compile(r"\s+")
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_PAGE_STARTS_WITHIN: Final = 16_384

_BLOCKS: Final = frozenset(
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_UNSEEN: Final = (
    "audio", "button", "embed", "form", "iframe", "img", "input", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "video",
)  # fmt: skip


def is_page(html: str) -> bool:
    """Tell a whole page from a fragment, by the elements that only a page has."""
    return _PAGE.search(html, 0, _PAGE_STARTS_WITHIN) is not None


def has_markup(text: str) -> bool:
    """Tell whether *text* has elements or character references in it."""
    return _MARKUP.search(text) is not None


def fragment_text(html: str) -> str:
    """Return the text of a fragment, one line for each block, without blank lines.

    Whitespace within a block is that of HTML: any run of it is a space.
    """
    from lxml.etree import iterwalk, strip_elements
    from lxml.html import HTMLParser, fromstring

    parser = HTMLParser(remove_comments=True, remove_pis=True)
    root = fromstring(f"<div>{parsable(html)}</div>", parser=parser)
    strip_elements(root, *_UNSEEN, with_tail=False)
    parts: list[str] = []
    for event, element in iterwalk(root, events=("start", "end")):
        # What the source broke is no break; blocks are.
        if element.tag in _BLOCKS:
            parts.append("\n")
        found = element.text if event == "start" else element.tail
        if found:
            parts.append(_SPACE.sub(" ", found))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return clean("\n".join(line for line in lines if line))


def line_of(text: str) -> str:
    """Return *text* on one line, without markup if it has any."""
    return one_line(fragment_text(text) if has_markup(text) else text)
