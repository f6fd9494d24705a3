"""Errors of the engine, named by what it does about them.

EngineError
├── Retriable     the same call may go through later: tried again with backoff, then fatal
└── Fatal         the worker ends with one line, uncommitted events come again elsewhere
    └── DeliveryFailed
"""

from __future__ import annotations

__all__ = ["DeliveryFailed", "EngineError", "Fatal", "Retriable"]


class EngineError(Exception):
    """Any error of the engine."""


class Retriable(EngineError):
    """A passing failure: nothing was done."""


class Fatal(EngineError):
    """Nothing that this process can do helps."""


class DeliveryFailed(Fatal):
    """The broker did not take an output in time; what it belongs to stays uncommitted."""
