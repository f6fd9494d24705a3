"""The trained network, run by onnxruntime on one thread.

One file holds all: the weights, and in its metadata the heads and the transitions between content tags.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from streams.tagger.labels import HEADS, POINTERS

__all__ = ["METADATA", "NetworkError", "NetworkFacts", "OnnxNetwork", "TagNetwork"]

METADATA: Final = "newswire.tagger"
"""The metadata's key under which the facts stand as JSON."""


class NetworkError(RuntimeError):
    """The file is no network of ours, or one of other heads; the message says which."""


class NetworkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decoding needs beside the scores."""

    version: str
    heads: dict[str, list[str]]
    pointers: list[str]
    transitions: dict[str, list[list[float]]]
    """For each head that is a chain, by name: from the tag of the row to that of the column."""
    start: dict[str, list[float]]
    """Of the first word's tag, for the same heads."""


class TagNetwork(Protocol):
    """What scores windows."""

    @property
    def facts(self) -> NetworkFacts:
        """What decoding needs beside the scores."""

    def scores(
        self, ids: NDArray[np.int64], marks: NDArray[np.int64], mask: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Score [b, l] pieces: tags [b, l, columns]; from where and at what each pointer points, both
        [b, l, pointers, width].
        """


class OnnxNetwork:
    """A network from an ONNX file."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        """*content* is the file's; more *threads* make one window faster, never two.

        Raises:
            NetworkError: it cannot be read, or has other heads than `streams.tagger.labels`.

        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own, which share nothing but this
            raise NetworkError(f"no ONNX model: {str(error).partition(chr(10))[0]}") from error
        kept = self._session.get_modelmeta().custom_metadata_map.get(METADATA)
        if kept is None:
            raise NetworkError(f"an ONNX model without {METADATA} in its metadata")
        self._facts = msgspec.json.decode(kept, type=NetworkFacts)
        if self._facts.heads != {head.name: list(head.tags) for head in HEADS}:
            raise NetworkError(f"a network of other heads: {', '.join(self._facts.heads)}")
        if self._facts.pointers != [head.name for head in POINTERS]:
            raise NetworkError(f"a network of other pointers: {', '.join(self._facts.pointers)}")
        self._sha256 = hashlib.sha256(content).hexdigest()

    @classmethod
    def load(cls, path: Path, threads: int = 1) -> OnnxNetwork:
        """Load a file.

        Raises:
            FileNotFoundError: there is none.
            NetworkError: it is no network for this code.

        """
        return cls(path.read_bytes(), threads)

    @property
    def facts(self) -> NetworkFacts:
        """What decoding needs beside the scores."""
        return self._facts

    @property
    def sha256(self) -> str:
        """The digest of the whole file."""
        return self._sha256

    def scores(
        self, ids: NDArray[np.int64], marks: NDArray[np.int64], mask: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Score [b, l] pieces: tags [b, l, columns]; from where and at what each pointer points, both
        [b, l, pointers, width].
        """
        tags, *points = self._session.run(None, {"ids": ids, "marks": marks, "mask": mask})
        points_from, points_at = (each.reshape(*ids.shape, len(POINTERS), -1) for each in points)
        return tags, points_from, points_at
