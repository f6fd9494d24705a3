"""Where a feed has moved to: a permanent redirect is believed once it has been said several times."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["Address", "after_answer", "after_failure"]

ADOPT_AFTER: Final = 3
GIVE_UP_AFTER: Final = 3
"""Hard failures in a row at an adopted address, after which the defined one is asked again."""


class Address(msgspec.Struct, frozen=True, array_like=True):
    """The address in use, and the one that redirects point to."""

    adopted: str | None = None
    """Null where it is the defined one."""
    candidate: str | None = None
    times: int = 0
    """How often the candidate was named in a row."""
    failed: int = 0
    """Hard failures in a row at the adopted address."""


def after_answer(address: Address, permanent_url: str | None, defined: str) -> Address:
    """Return the address after the feed answered, at *permanent_url* where a chain of 301 and 308 led there.

    Only what answers counts: a moved feed that is not there has not moved.
    """
    if permanent_url is None or permanent_url == (address.adopted or defined):
        return Address(adopted=address.adopted)
    times = address.times + 1 if permanent_url == address.candidate else 1
    if times < ADOPT_AFTER:
        return Address(adopted=address.adopted, candidate=permanent_url, times=times)
    return Address(adopted=None if permanent_url == defined else permanent_url)


def after_failure(address: Address, *, gone: bool) -> Address:
    """Return the address after a hard failure: an adopted one is given up when it says that it is gone, or
    keeps failing, since the defined one may know better.
    """
    if address.adopted is None:
        return address
    failed = address.failed + 1
    if gone or failed >= GIVE_UP_AFTER:
        return Address()
    return msgspec.structs.replace(address, failed=failed)
