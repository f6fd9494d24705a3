"""From a body to characters: which encoding its bytes are in, and how sure that is.

The order is that of browsers with one difference, that bytes which are valid UTF-8 are UTF-8 whatever is
declared (a stale ``charset=iso-8859-1`` is common, and text in another encoding that happens to be valid
UTF-8 is not): byte order mark, encodings that ASCII bytes may hide (UTF-16, ISO-2022), UTF-8, what the
source or the page declares, charset-normalizer's guess.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from schemas.raw_item import Body
from streams.normalize.clean import clean, storable

__all__ = ["Decoded", "decode", "kind_of"]

_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT_TYPES: Final = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
_UNTYPED: Final = frozenset(
    {"", "application/octet-stream", "application/xml", "text/xml", "binary/octet-stream"}
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_FEED_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<[?!][^>]*>\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b",
    re.IGNORECASE,
)
_MAGIC: Final = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"OggS",
    b"ID3",
    b"Rar!",
)
_SAMPLE: Final = 65_536
"""Bytes that a guess is made from, and characters that are looked at for garbage."""
_MOST_GARBAGE: Final = 0.05
_FEW: Final = 4
_MOST_INVALID: Final = 0.05
"""Of the bytes beyond ASCII: with fewer that are invalid it is UTF-8 that something was pasted into."""
_GARBAGE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")


class Decoded(NamedTuple):
    """The characters of a body."""

    text: str
    flags: tuple[str, ...] = ()
    """charset_mismatch (declared otherwise), charset_guessed, invalid_bytes, invalid_characters."""


def kind_of(body: Body) -> str | None:
    """Return ``html`` or ``plain``; null where the body is neither, by its media type or its first bytes.

    A feed or a sitemap is no article, whatever it is served as.
    """
    media_type = body.media_type.partition(";")[0].strip().lower()
    start = body.data[:1024] if body.data is not None else (body.text or "")[:1024].encode("utf-8", "replace")
    if start.startswith(_MAGIC):
        return None
    if media_type in _TEXT_TYPES:
        return "plain"
    seen = start.replace(b"\0", b"").decode("latin-1").lstrip("ï»¿þÿ")
    if _FEED_START.match(seen):
        return None
    if media_type in _HTML_TYPES or (media_type in _UNTYPED and _HTML_START.match(seen)):
        return "html"
    return "plain" if media_type in _UNTYPED and not media_type.endswith("xml") else None


def decode(body: Body) -> Decoded | None:
    """Decode a body, or return null where it is no text in any encoding.

    A byte order mark is not part of the text.  NULs and lone surrogates become U+FFFD.
    """
    decoded = Decoded(body.text or "") if body.data is None else _decode_bytes(body.data, body.charset)
    text = decoded.text.removeprefix("\ufeff")
    sample = text[:_SAMPLE]
    garbage = len(_GARBAGE.findall(sample))
    if garbage > max(_FEW, _MOST_GARBAGE * len(sample)) or garbage * 2 > len(sample):
        return None
    if storable(text):
        return decoded._replace(text=text)
    return Decoded(clean(text), (*decoded.flags, "invalid_characters"))


def _decode_bytes(data: bytes, declared: str | None) -> Decoded:
    from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding, to_unicode

    marked, mark = read_bom(data)
    if marked is not None:
        return _with_replacements(to_unicode(data[len(mark or b"") :], marked))
    named = (resolve_encoding(declared) if declared else None) or html_body_declared_encoding(data)
    stateful = (b"\x1b" in data and named and named.startswith("iso2022")) or (
        b"\0" in data and _wide(data, named)
    )
    if not stateful:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            # A body cut at its limit may end within a character.
            if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
                return Decoded(data[: error.start].decode())
        else:
            return Decoded(text, () if text.isascii() or named in {None, "utf-8"} else ("charset_mismatch",))
        text = data.decode("utf-8", "replace")
        if text.count("\ufffd") < _MOST_INVALID * (len(data) - len(text)):
            return Decoded(text, ("invalid_bytes",))
    if isinstance(stateful, str):
        return _with_replacements(to_unicode(data, stateful))
    if named is not None and named != "utf-8":
        return _with_replacements(to_unicode(data, named))
    guess = _guess(data)
    if guess is None:
        return _with_replacements(data.decode("utf-8", "replace"))
    return _with_replacements(to_unicode(data, guess), "charset_guessed")


def _with_replacements(text: str, *flags: str) -> Decoded:
    return Decoded(text, (*flags, "invalid_bytes") if "\ufffd" in text else flags)


def _wide(data: bytes, named: str | None) -> str | None:
    """Tell UTF-16 without a byte order mark: as declared, or by where the NULs of Latin letters stand."""
    if named is not None and named.startswith("utf-16"):
        return named if named != "utf-16" else "utf-16-le"
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    if half and sample[::2].count(0) > 0.7 * half:
        return "utf-16-be"
    return None


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    return None if best is None else best.encoding
