"""What a process that runs a model needs around it.  Imports nothing, so that it can come first."""

from __future__ import annotations

__all__ = ["child_environment"]


def child_environment() -> dict[str, str]:
    """Return the environment for a process that runs a model: one BLAS thread, since workers are scaled by
    processes and the matrices are small.  It must be set before numpy is imported for the first time.
    """
    return dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"
    )
