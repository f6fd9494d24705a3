"""How a fetcher asks for its turn at a host, before every hop of a fetch."""

from __future__ import annotations

from typing import Protocol

import msgspec

from connectors.web.message import Request
from connectors.web.target import Refused, Target

__all__ = ["Manners", "NoManners", "Turn"]


class Turn(msgspec.Struct, kw_only=True, frozen=True):
    """Leave to ask a host for something, or the reason why there is none."""

    refused: Refused | None = None
    retry_after_s: float | None = None
    """With a refusal: when to ask again."""
    robots_allowed: bool | None = None
    ai_training: bool | None = None


class Manners(Protocol):
    """Who decides when a host is asked.  A redirect to another host is a turn there."""

    async def turn(self, target: Target, request: Request) -> Turn:
        """Wait until *target* may be asked.  Unless it is refused, `over` follows."""

    def over(self, target: Target, request: Request, status: int | None, retry_after_s: float | None) -> None:
        """Give the turn back; *status* is null where no answer came."""


class NoManners:
    """Asks at once: for tools that ask one host one thing."""

    async def turn(self, target: Target, request: Request) -> Turn:
        """Grant."""
        return Turn()

    def over(self, target: Target, request: Request, status: int | None, retry_after_s: float | None) -> None:
        """Forget."""
