"""One thread of linear algebra for a process.  Imports nothing, so that it can come before numpy."""

from __future__ import annotations

__all__ = ["ONE_THREAD"]

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"
)
"""Environment for a process that runs a model: workers are scaled by processes, and the matrices are small.
It must be set before numpy is imported for the first time."""
