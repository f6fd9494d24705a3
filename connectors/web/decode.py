"""Undoing Content-Encoding piece by piece, within bounds of size, ratio, layers and members.

aiohttp's own decompression bounds a piece, not a body, undoes one layer only and hides the size on the
wire; so bodies are taken from it as they were sent and unpacked here, by the same libraries.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

import brotli

from connectors.web.limits import Limits

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    from backports import zstd

__all__ = ["ACCEPT_ENCODING", "BadEncoding", "Bomb", "TooLarge", "Unpacker"]

ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"
_PIECE: Final = 64 * 1024
"""Output of one step: what a layer may hold beside its window."""
_STEP: Final = 4 * 1024
"""Input of one step."""
_ZSTD_WINDOW_LOG: Final = 23
"""8 MiB: all that a receiver of Content-Encoding: zstd has to support (RFC 9659)."""


class BadEncoding(Exception):
    """An unknown content coding, or data that are not in it."""


class TooLarge(Exception):
    """More than the limit, at an ordinary ratio."""


class Bomb(Exception):
    """Unpacks past the ratio, in too many layers or too many members."""


class _Layer(ABC):
    """One content coding."""

    @abstractmethod
    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what *piece* unpacks to, in pieces of bounded size.

        Raises:
            BadEncoding, Bomb: it does not unpack.
        """

    @property
    @abstractmethod
    def whole(self) -> bool:
        """Whether the data may end here."""


class _Members(_Layer):
    """gzip, deflate or zstd: members one after another, each with a decoder of its own.

    What follows the last member and starts no other (padding, a script's notice) is passed over, as
    browsers do.
    """

    def __init__(self, coding: str, limits: Limits) -> None:
        self._coding = coding
        self._left = limits.members
        self._decoder: zlib._Decompress | zstd.ZstdDecompressor | None = None
        self._head = b""
        self._first = True
        self._over = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._over:
            decoder = self._decoder
            if decoder is None:
                self._head += piece
                if len(self._head) < 2:
                    return
                piece, self._head = self._head, b""
                decoder = self._decoder = self._next(piece)
                if decoder is None:
                    return
            try:
                yield from self._drain(decoder, piece)
            except (zlib.error, zstd.ZstdError) as error:
                raise BadEncoding(f"the body is not {self._coding}: {error}") from error
            if not decoder.eof:
                return
            self._decoder = None
            piece = decoder.unused_data

    def _next(self, piece: bytes) -> zlib._Decompress | zstd.ZstdDecompressor | None:
        if not self._first and not _starts(self._coding, piece):
            self._over = True
            return None
        self._first = False
        if self._left == 0:
            raise Bomb(f"too many {self._coding} members")
        self._left -= 1
        if self._coding == "zstd":
            return zstd.ZstdDecompressor(
                options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
            )
        if self._coding == "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        # "deflate" means zlib's wrapping (RFC 9110), and half the world sends it bare.
        wrapped = piece[0] & 0x0F == 8 and (piece[0] << 8 | piece[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    @staticmethod
    def _drain(decoder: zlib._Decompress | zstd.ZstdDecompressor, piece: bytes) -> Iterator[bytes]:
        out = decoder.decompress(piece, _PIECE)
        while out:
            yield out
            if decoder.eof:
                return
            # zlib hands back what it did not read; zstd keeps it.
            rest = b"" if isinstance(decoder, zstd.ZstdDecompressor) else decoder.unconsumed_tail
            out = decoder.decompress(rest, _PIECE)

    @property
    def whole(self) -> bool:
        return self._over or (self._decoder is None and (not self._first or not self._head))


def _starts(coding: str, piece: bytes) -> bool:
    if coding == "gzip":
        return piece.startswith(b"\x1f\x8b")
    if coding == "zstd":
        return piece.startswith(b"\x28\xb5") or (piece[0] & 0xF0 == 0x50 and piece[1] == 0x2A)
    return False  # there is no deflate of several members


class _Brotli(_Layer):
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()
        self._fed = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._fed = True
        if self._decoder.is_finished():
            return
        try:
            out = self._decoder.process(piece, output_buffer_limit=_PIECE)
            while out or not (self._decoder.can_accept_more_data() or self._decoder.is_finished()):
                yield out
                out = self._decoder.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise BadEncoding(f"the body is not br: {error}") from error

    @property
    def whole(self) -> bool:
        return not self._fed or bool(self._decoder.is_finished())


class Unpacker:
    """Takes a body as it is sent, in order, and holds it as it was meant.

    *most* is how many bytes it may be; with *cut* what lies beyond is dropped instead of refused.
    """

    def __init__(self, content_encoding: str, limits: Limits, most: int, *, cut: bool = False) -> None:
        """Raises: BadEncoding, Bomb."""
        self._limits = limits
        self._most = most
        self._cut = cut
        self._layers = _layers(content_encoding, limits)
        self._produced = [0] * len(self._layers)
        self._body = bytearray()
        self.wire_bytes = 0
        self.full = False
        """Whether more than *most* came and was cut: nothing more needs to be read."""

    def expect(self, announced: int | None) -> None:
        """Judge a Content-Length before anything is read.

        Raises:
            TooLarge: so much is never taken.
        """
        if announced is not None and announced > self._limits.wire_bytes and not self._cut:
            raise TooLarge(f"{announced} bytes announced")

    def feed(self, piece: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            BadEncoding: they are not in the coding that the headers name.
            TooLarge: the body is larger than it may be, on the wire or unpacked.
            Bomb: it unpacks past the ratio, or has too many members.
        """
        if self.wire_bytes + len(piece) > self._limits.wire_bytes:
            self.wire_bytes += len(piece)
            raise TooLarge(f"more than {self._limits.wire_bytes} bytes on the wire")
        # In small steps, so that the ratio is to what was unpacked and not to what waits to be.
        step = _STEP if self._layers else len(piece)
        for start in range(0, len(piece), step):
            part = piece[start : start + step]
            self.wire_bytes += len(part)
            self._through(part, 0)

    def finish(self) -> bytes:
        """Return the body.

        Raises:
            BadEncoding: the data end too early.
        """
        if not self.full and not all(layer.whole for layer in self._layers):
            raise BadEncoding("the compressed body ends in the middle")
        return bytes(self._body)

    @property
    def so_far(self) -> bytes:
        """What there is of the body, whole or not."""
        return bytes(self._body)

    def _through(self, piece: bytes, depth: int) -> None:
        if self.full:
            return
        if depth == len(self._layers):
            self._keep(piece)
            return
        for out in self._layers[depth].feed(piece):
            self._produced[depth] += len(out)
            self._judge(self._produced[depth])
            self._through(out, depth + 1)
            if self.full:
                return

    def _judge(self, produced: int) -> None:
        limits = self._limits
        if produced > max(limits.ratio_from_bytes, limits.ratio * self.wire_bytes):
            raise Bomb(f"{self.wire_bytes} bytes unpack to more than {limits.ratio} times as many")
        # Layers below the last one are judged, too: they cost the same to unpack.
        if not self._cut and produced > max(self._most, limits.wire_bytes):
            raise TooLarge(f"more than {self._most} bytes unpacked")

    def _keep(self, piece: bytes) -> None:
        room = self._most - len(self._body)
        if len(piece) > room:
            if not self._cut:
                raise TooLarge(f"more than {self._most} bytes")
            self.full = True
        self._body += piece[:room]


def _layers(content_encoding: str, limits: Limits) -> list[_Layer]:
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    codings = [coding.removeprefix("x-") for coding in codings if coding not in {"", "identity"}]
    if len(codings) > limits.encodings:
        raise Bomb(f"{len(codings)} content codings on top of each other")
    layers: list[_Layer] = []
    for coding in reversed(codings):  # the last one was applied last
        if coding in {"gzip", "deflate", "zstd"}:
            layers.append(_Members(coding, limits))
        elif coding == "br":
            layers.append(_Brotli())
        else:
            raise BadEncoding(f"the content coding {coding[:20]!r} is unknown")
    return layers
