"""Explained articles as one page of HTML that needs nothing else: no network, no other file.

The page may be opened from anywhere, and its words come from strangers: everything is escaped by the template,
and the page's own policy lets nothing run but the one script whose hash it names.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from newswire.explain.explained import Explained
from newswire.explain.marks import Piece, beginnings

__all__ = ["page_of"]

_PARTS: Final = files("newswire.explain")


def page_of(articles: Iterable[Explained]) -> str:
    """Return the page; it says so where there are no articles."""
    script, style = _part("page.js"), _part("page.css")
    return _template().render(
        articles=list(articles),
        classes=_classes,
        claims=_claims,
        beginnings=beginnings,
        script=Markup(script),  # noqa: S704 - a file of ours
        style=Markup(style),  # noqa: S704 - a file of ours
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _classes(piece: Piece) -> str:
    """Return the classes of a piece: its roles, and the types of the entities it is a mention of."""
    roles = {str(mark.role) for mark in piece.marks} | {f"is-{name}" for name in piece.numbers("entity")}
    return " ".join(sorted(roles))


def _claims(piece: Piece) -> list[tuple[str, str]]:
    """Return for each role of a piece the claims that it has it in, numbers joined by spaces."""
    return [
        (role, " ".join(dict.fromkeys(piece.numbers(role))))
        for role in ("content", "cue", "source")
        if piece.numbers(role)
    ]


def _part(name: str) -> str:
    return _PARTS.joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_part("page.html"))
