"""Whose turn it is at each host: one request at a time, gaps between them, rest where it is asked for."""

from __future__ import annotations

import asyncio

from connectors.clock import Clock
from newswire.telemetry import metrics

__all__ = ["Host", "Hosts"]


class Host:
    """What is known of one host while it matters."""

    __slots__ = ("free_at", "lock", "resting_until", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        """Held by the one who asks; served in the order of asking."""
        self.users = 0
        """Who hold it or wait for it."""
        self.free_at = 0.0
        """When the gap after the last request ends."""
        self.resting_until = 0.0


class Hosts:
    """Hosts by name.  One that nobody uses and that need not be waited for is forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: dict[str, Host] = {}
        self._resting: dict[str, float] = {}
        self._sweep_at = 1_024
        metrics.HOSTS_BUSY.set_function(lambda: len(self._hosts))
        metrics.HOSTS_RESTING.set_function(self.resting)

    def __len__(self) -> int:
        return len(self._hosts)

    def enter(self, name: str) -> Host:
        """Return the host, kept until `leave`."""
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= self._sweep_at:
                self._sweep()
            host = self._hosts[name] = Host()
        host.users += 1
        return host

    def leave(self, name: str, host: Host) -> None:
        """Give up what `enter` gave."""
        host.users -= 1
        if host.users == 0 and max(host.free_at, host.resting_until) <= self._clock.now():
            del self._hosts[name]

    def wait_s(self, name: str) -> float:
        """Return for how many seconds the host is to be left alone from now; 0 where it may be asked."""
        host = self._hosts.get(name)
        if host is None:
            return 0.0
        return max(max(host.free_at, host.resting_until) - self._clock.now(), 0.0)

    def rest(self, name: str, host: Host, seconds: float) -> None:
        """Leave the host alone for so long from now."""
        host.resting_until = max(host.resting_until, self._clock.now() + seconds)
        self._resting[name] = host.resting_until

    def resting(self) -> int:
        """Return how many hosts are left alone now; called from the thread that serves metrics, too."""
        now = self._clock.now()
        return sum(until > now for until in list(self._resting.values()))

    def _sweep(self) -> None:
        now = self._clock.now()
        self._hosts = {
            name: host
            for name, host in self._hosts.items()
            if host.users or max(host.free_at, host.resting_until) > now
        }
        # As many again must come before the next sweep, so that one costs each newcomer a constant.
        self._sweep_at = max(1_024, 2 * len(self._hosts))
        self._resting = {name: until for name, until in self._resting.items() if until > now}
