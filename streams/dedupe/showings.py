"""Who showed a content, and what of it is only ever asked whether it is the same."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

__all__ = ["raw_of", "shown_by", "title_of"]


@lru_cache(maxsize=4096)
def shown_by(source_id: str, text_basis: str | None) -> bytes:
    """Name a source and what it shows of an article; null for a source whatever it shows."""
    return _short(f"{source_id}\x1f{text_basis or ''}")


@lru_cache(maxsize=256)
def raw_of(raw_hash: str) -> bytes:
    """Shorten the hash of a raw body."""
    return _short(raw_hash)


@lru_cache(maxsize=256)
def title_of(title: str | None) -> bytes:
    """Name a title whatever its letter case and white space; empty for none."""
    words = (title or "").casefold().split()
    return _short(" ".join(words)) if words else b""


def _short(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
