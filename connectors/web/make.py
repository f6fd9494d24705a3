"""The fetcher that a process uses, as its settings have it."""

from __future__ import annotations

import ssl

from connectors.clock import Clock
from connectors.web.agent import user_agent
from connectors.web.fetcher import GuardedFetcher
from connectors.web.guard import Lookup, system_lookup
from connectors.web.limits import Limits
from connectors.web.politeness import Policy, PoliteFetcher
from newswire.settings import Settings

__all__ = ["polite_fetcher"]


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
    return PoliteFetcher(guarded, policy=policy, clock=clock)
