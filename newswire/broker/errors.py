"""What can go wrong with the development broker."""

from __future__ import annotations

__all__ = ["BrokerError"]


class BrokerError(Exception):
    """The broker cannot be started or stopped.  The message is one line that says what to do."""
