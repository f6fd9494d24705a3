"""What charset a feed is in: its bytes are believed before whoever declares something.

Order: a byte order mark; the pattern of ``<`` in UTF-16 and UTF-32; a declared charset that shifts (ISO-2022,
HZ), whose bytes pass for ASCII; UTF-8, where the bytes are; what HTTP declares and then what the prolog does
(RFC 7303), where the bytes decode; a guess of charset-normalizer's; Windows-1252.  Names go by the WHATWG's
table, so that ``iso-8859-1`` is Windows-1252, ``gb2312`` is GB 18030 and UTF-7 is nothing at all.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from w3lib.encoding import resolve_encoding

from connectors.feeds.model import FeedFlag

__all__ = ["Decoded", "decode"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PATTERNS: Final = (
    (re.compile(rb"(?:[\t\n\r <]\0\0\0){2}"), "utf-32-le"),
    (re.compile(rb"(?:\0\0\0[\t\n\r <]){2}"), "utf-32-be"),
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r ]\0)*[<{]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ])*\0[<{]\0[^\0]"), "utf-16-be"),
)
_PROLOG: Final = re.compile(
    rb"[^<]{0,200}<\?xml[^>]{0,200}?encoding\s*=\s*(?:\"([^\">]{1,40})|'([^'>]{1,40}))", re.IGNORECASE
)
_SHIFTING: Final = ("iso2022", "hz")
_GUESS_BYTES: Final = 64 * 1024


class Decoded(NamedTuple):
    """A document as text."""

    text: str
    encoding: str
    """As Python names it."""
    flags: tuple[FeedFlag, ...] = ()


def decode(data: bytes, charset: str | None) -> Decoded:
    """Decode a document that HTTP declares to be in *charset*; bytes of no charset become U+FFFD."""
    names = _names(data, charset)
    declared = [name for name in map(resolve_encoding, names) if name is not None]
    decoded = _decoded(data, declared)
    if len(declared) < len(names) and "charset_lies" not in decoded.flags:  # there is no such charset
        return decoded._replace(flags=(*decoded.flags, "charset_lies"))
    return decoded


def _decoded(data: bytes, declared: list[str]) -> Decoded:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _surely(data[len(mark) :], name, declared)
    for pattern, name in _PATTERNS:
        if pattern.match(data):
            return _surely(data, name, declared)
    shifting = [name for name in declared if _compact(name).startswith(_SHIFTING)]
    for name in (*shifting, "utf-8", *(name for name in declared if not name.startswith("utf-"))):
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        # Bytes of ASCII alone are in whatever charset is declared.
        lies = not text.isascii() and _lies(name, declared)
        return Decoded(text, name, ("charset_lies",) if lies else ())
    if not declared and (guess := _guess(data)) is not None:
        return guess
    best = declared[0] if declared and not declared[0].startswith(("utf-16", "utf-32")) else "utf-8"
    text = data.decode(best, "replace")
    return Decoded(text, best, ("undecodable",))


def _surely(data: bytes, name: str, declared: list[str]) -> Decoded:
    flags: tuple[FeedFlag, ...] = ("charset_lies",) if _lies(name, declared) else ()
    try:
        return Decoded(data.decode(name), name, flags)
    except UnicodeError:
        return Decoded(data.decode(name, "replace"), name, (*flags, "undecodable"))


def _names(data: bytes, charset: str | None) -> list[str]:
    """Return the charsets that are declared, HTTP's first."""
    match = _PROLOG.match(data)
    prolog = (match[1] or match[2]).decode("latin-1") if match else None
    return [name.strip() for name in (charset, prolog) if name and name.strip()]


def _lies(name: str, declared: list[str]) -> bool:
    return any(not _compact(name).startswith(_compact(other)) for other in declared)


def _compact(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _guess(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    found = from_bytes(data[:_GUESS_BYTES], enable_fallback=False).best()
    name = resolve_encoding(found.encoding) if found is not None else None
    if name is None:
        return None
    try:
        # XML that declares nothing is UTF-8.
        return Decoded(data.decode(name), name, ("charset_lies",))
    except UnicodeError:
        return None
