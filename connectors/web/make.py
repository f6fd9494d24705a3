"""The fetcher that a process uses, as its settings have it."""

from __future__ import annotations

import resource
import ssl
from typing import Final

from connectors.clock import Clock
from connectors.web.agent import user_agent
from connectors.web.fetcher import GuardedFetcher
from connectors.web.guard import Lookup, system_lookup
from connectors.web.limits import Limits
from connectors.web.politeness import Policy, PoliteFetcher
from newswire.settings import Settings

__all__ = ["polite_fetcher"]

_OTHER_FILES: Final = 1_024
"""What a process has open beside its fetches: Kafka, logs, pipes, connections kept for a while."""


def polite_fetcher(
    settings: Settings,
    *,
    clock: Clock | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    lookup: Lookup = system_lookup,
    tls: ssl.SSLContext | None = None,
) -> PoliteFetcher:
    """Return a polite fetcher.  Its connections open in the event loop that first fetches with it.

    All but *settings* is for tests and simulations: time, manners and limits of their own, names that no
    name server knows, certificates that no authority signed.
    """
    guarded = GuardedFetcher(
        user_agent=user_agent(settings), limits=limits, clock=clock, lookup=lookup, tls=tls
    )
    policy = policy or Policy(fetches=settings.connect_fetches)
    _make_room(2 * policy.fetches + _OTHER_FILES)  # a fetch that tries two addresses has two sockets
    return PoliteFetcher(guarded, policy=policy, clock=clock)


def _make_room(files: int) -> None:
    """Let this process open so many files, as far as it may decide: the usual limit of 1,024 is for others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
