"""What can go wrong while a source is read, named by what the runner must do about it.

::

    ConnectorError
    ├── ConfigError         refuse to start: the operator has to change something
    ├── Retriable           wait, then open again where reading stopped
    │   └── RateLimited     the same, but not before ``retry_after`` seconds
    ├── Gone                the source has ended for good: stop reading it
    ├── Skippable           this one item is broken: dead letter and outcome, then the next
    └── Fatal               stop the run: going on would lose something

The message is for users: one sentence that says what to do or what is wrong.  What only a developer can
use goes into ``detail``; ``reason`` is a low-cardinality code for metrics, outcomes and dead letters.
Anything else that a connector raises is a defect in it and ends the run as `Fatal` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

__all__ = [
    "STATUS_ERRORS",
    "ConfigError",
    "ConnectorError",
    "Fatal",
    "Gone",
    "RateLimited",
    "Retriable",
    "Skippable",
    "error_for_status",
]


class ConnectorError(Exception):
    """Base of all; raise one of the others."""

    default_reason: ClassVar[str] = "error"

    def __init__(self, message: str, *, reason: str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.detail = detail


class ConfigError(ConnectorError):
    """The configuration cannot work.  Raised before anything is read."""

    default_reason = "config"


class Retriable(ConnectorError):
    """A failure that passes by itself: a timeout, a connection reset, a server's 500."""

    default_reason = "retriable"


class RateLimited(Retriable):
    """The source asks for patience; ``retry_after`` is in seconds."""

    default_reason = "rate_limited"

    def __init__(
        self, message: str, *, retry_after: float, reason: str | None = None, detail: str = ""
    ) -> None:
        super().__init__(message, reason=reason, detail=detail)
        self.retry_after = retry_after


class Gone(ConnectorError):
    """The source says that it has ended, or has kept saying that it is not there."""

    default_reason = "gone"


class Skippable(ConnectorError):
    """One item that cannot be read.  Yield it in a `Reading`; raising it ends the iteration."""

    default_reason = "unreadable"


class Fatal(ConnectorError):
    """Nothing can go on: no broker, no topic, no permission, a lost guarantee."""

    default_reason = "fatal"


STATUS_ERRORS: Final[Mapping[int, tuple[type[ConnectorError], str]]] = MappingProxyType(
    {
        401: (Skippable, "blocked"),
        402: (Skippable, "blocked"),
        403: (Skippable, "blocked"),
        404: (Retriable, "not_found"),
        407: (Fatal, "proxy_authentication"),
        408: (Retriable, "timeout"),
        410: (Gone, "gone"),
        421: (Retriable, "misdirected"),
        423: (Retriable, "locked"),
        425: (Retriable, "too_early"),
        429: (RateLimited, "rate_limited"),
        451: (Skippable, "blocked"),
        501: (Skippable, "not_implemented"),
        505: (Skippable, "not_implemented"),
        503: (RateLimited, "unavailable"),
    }
)
"""What an HTTP status asks of the runner.  Statuses that are not listed follow their class: 1xx to 3xx
are no errors, other 4xx are `Skippable` (asking again gives the same), other 5xx `Retriable`.
404 is retriable because feeds and pages come back; whoever sees it again and again decides when it is
`Gone`, or that a page was withdrawn.
"""


def error_for_status(status: int, what: str, *, retry_after: float | None = None) -> ConnectorError | None:
    """Return the error that an HTTP *status* stands for, or null where it is none.

    *what* names what was asked for, for the message; *retry_after* is what the response asked, in
    seconds: a `RateLimited` without it is a plain `Retriable`, with the runner's own backoff.
    """
    if status < 400:
        return None
    kind, reason = STATUS_ERRORS.get(
        status, (Retriable, "server_error") if status >= 500 else (Skippable, "refused")
    )
    message = f"{what} answered {status}"
    if kind is RateLimited:
        if retry_after is None:
            return Retriable(message, reason=reason)
        return RateLimited(message, retry_after=retry_after, reason=reason)
    return kind(message, reason=reason)
