"""The result of one check."""

from __future__ import annotations

import msgspec

__all__ = ["Check", "good", "unknown", "wrong"]


class Check(msgspec.Struct, frozen=True):
    """What was checked, whether it holds, and what to do where it does not."""

    name: str
    ok: bool | None
    """Null where it could not be checked, or does not matter now."""
    found: str
    advice: str | None = None


def good(name: str, found: str) -> Check:
    """It holds."""
    return Check(name, ok=True, found=found)


def wrong(name: str, found: str, advice: str) -> Check:
    """It does not hold."""
    return Check(name, ok=False, found=found, advice=advice)


def unknown(name: str, found: str, advice: str | None = None) -> Check:
    """It could not be checked, or is neither good nor bad."""
    return Check(name, ok=None, found=found, advice=advice)
