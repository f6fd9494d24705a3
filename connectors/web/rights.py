"""What robots.txt and headers ask of readers, as `schemas.base.Rights`.

What a page asks in its own markup is collected by who parses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schemas.base import Rights
from schemas.limits import LIST_ENTRY_CHARS, LIST_ITEMS

__all__ = ["AI_AGENTS", "declines_training", "rights_of"]

AI_AGENTS: Final = (
    "AI2Bot",
    "Amazonbot",
    "anthropic-ai",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ClaudeBot",
    "Claude-Web",
    "cohere-ai",
    "cohere-training-data-crawler",
    "Diffbot",
    "FacebookBot",
    "Google-Extended",
    "GPTBot",
    "img2dataset",
    "meta-externalagent",
    "omgili",
    "PanguBot",
    "Timpibot",
)
"""Agents of robots.txt that collect for training, as their operators document them."""

_NO_AI: Final = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)
_NO_TRAINING: Final = re.compile(r"(?:^|[\s,;])(?:ai-train\s*=\s*no|train-ai\s*=\s*n)\b", re.IGNORECASE)


def declines_training(signals: str) -> bool:
    """Tell whether a ``Content-Signal`` (``ai-train=no``) or a ``Content-Usage`` of the AI preferences
    draft (``train-ai=n``) declines training.
    """
    return _NO_TRAINING.search(signals) is not None


def rights_of(
    values: Mapping[str, list[str]],
    *,
    robots_allowed: bool | None = None,
    robots_training: bool | None = None,
) -> Rights | None:
    """Collect the signals of an answer: *values* are its headers by lower-case name, *robots_allowed* what
    robots.txt says to our agent, *robots_training* false where it shuts training agents out.

    Null where there is nothing at all.
    """
    tags = [tag[:LIST_ENTRY_CHARS] for tag in values.get("x-robots-tag", []) if tag][:LIST_ITEMS]
    reservations = values.get("tdm-reservation", [])
    signals = [*values.get("content-usage", []), *values.get("content-signal", [])]
    opted_out = any(map(_NO_AI.search, tags)) or any(map(declines_training, signals))
    found = Rights(
        robots_allowed=robots_allowed,
        x_robots_tag=tags,
        tdm_reservation=reservations[0].strip() == "1" if reservations else None,
        ai_training=False if opted_out else robots_training,
    )
    return None if found == Rights() else found
