"""Where a feed has moved to: a permanent redirect is believed once it has been said several times."""

from __future__ import annotations

from typing import Final

import msgspec

from connectors.feeds.health import Failure

__all__ = ["Address", "after_answer", "after_failure"]

ADOPT_AFTER: Final = 3
GIVE_UP_AFTER: Final = 12
"""Failures in a row at an adopted address, after which the defined one is asked again."""
HARD: Final = 4
"""A hard failure counts as so many soft ones."""


class Address(msgspec.Struct, frozen=True, array_like=True):
    """The address in use, and the one that redirects point to."""

    adopted: str | None = None
    """Null where it is the defined one."""
    candidate: str | None = None
    times: int = 0
    """How often the candidate was named in a row."""
    failed: int = 0
    """Failures in a row at the adopted address, hard ones fourfold."""


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


def after_failure(address: Address, failure: Failure) -> Address:
    """Return the address after a failure: an adopted one is given up when it says that it is gone, or keeps
    failing, also softly (its name has lapsed), since the defined one may know better.
    """
    if address.adopted is None:
        return address
    failed = address.failed + (1 if failure == "soft" else HARD)
    if failure == "gone" or failed >= GIVE_UP_AFTER:
        return Address()
    return msgspec.structs.replace(address, failed=failed)
