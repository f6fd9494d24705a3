"""robots.txt as RFC 9309 has it: read by protego, after all that does not concern us has been left out.

What is left out first is most of the file: groups of other agents.  It keeps a cache of many hosts small,
and a file that names ten thousand agents above ten thousand rules from becoming a hundred million rules.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec
from protego import Protego

from connectors.web.rights import AI_AGENTS, declines_training

__all__ = ["RobotsRules", "Verdict", "read_robots"]

_FIELDS: Final = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow",
    # Misspellings that Google and protego read as what was meant.
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "crawl-delay": "crawl-delay",
    "crawl delay": "crawl-delay",
    "content-signal": "content-signal",
    "content-usage": "content-signal",
}
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.-]+")
_AI: Final = frozenset(agent.lower() for agent in AI_AGENTS)
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PACKED_FROM: Final = 256


class Verdict(msgspec.Struct, frozen=True):
    """What a robots.txt says of one URL."""

    allowed: bool
    """To our agent."""
    crawl_delay_s: float | None = None
    """As written, unbounded."""
    ai_training: bool | None = None
    """False where an agent that collects for training is shut out by name, or a signal declines it."""


class RobotsRules(msgspec.Struct, frozen=True):
    """The groups of one robots.txt that concern us, small enough to keep by the hundred thousand."""

    token: str
    """Our product token, lower case."""
    packed: bytes = b""
    """A robots.txt that holds nothing else; zlib where it is long enough."""
    training_agents: tuple[str, ...] = ()
    """Agents that collect for training and are named, one for each different set of rules."""
    training_declined: bool = False
    chars: int = 0
    """Length of the rules, unpacked: what reading them costs goes by it."""

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.packed) + 16 * len(self.training_agents) + 200

    def parsed(self) -> Protego:
        """Return the parser for `verdict`; kept by who asks often."""
        raw = self.packed
        return Protego.parse((zlib.decompress(raw) if raw.startswith(b"x") else raw).decode())

    def verdict(self, url: str, parser: Protego | None = None) -> Verdict:
        """Return what the file says of *url*."""
        if not self.packed:
            return Verdict(allowed=True, ai_training=False if self.training_declined else None)
        rules = parser or self.parsed()
        shut_out = self.training_declined or any(
            not rules.can_fetch(url, agent) for agent in self.training_agents
        )
        return Verdict(
            allowed=bool(rules.can_fetch(url, self.token)),
            crawl_delay_s=rules.crawl_delay(self.token),
            ai_training=False if shut_out else None,
        )


class _Group(msgspec.Struct):
    agents: list[str] = []
    lines: list[str] = []
    signals: list[str] = []


def read_robots(body: bytes, token: str) -> RobotsRules:
    """Read a robots.txt, also one that is HTML, in UTF-16 or cut in the middle: what cannot be read as a
    rule is none.
    """
    token = token.lower()
    groups = [group for group in _groups(_decoded(body)) if group.agents]
    named: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for agent in group.agents:
            named.setdefault(agent, []).append(number)
    # Agents that are in the same groups have the same rules: one stands for all.
    stands_for: dict[tuple[int, ...], str] = {}
    for agent in sorted(_AI & named.keys()):
        stands_for.setdefault(tuple(named[agent]), agent)
    kept = {"*", token, *stands_for.values()}
    lines = []
    for group in groups:
        agents = [agent for agent in group.agents if agent in kept]
        if agents:
            lines += [f"user-agent: {agent}" for agent in dict.fromkeys(agents)]
            # A group without rules counts all the same: whom it names may go anywhere.
            lines += group.lines or ["disallow:"]
    text = "\n".join(lines)
    ours = [group for group in groups if {"*", token}.intersection(group.agents)]
    return RobotsRules(
        token=token,
        packed=_pack(text),
        chars=len(text),
        training_agents=tuple(stands_for.values()),
        training_declined=any(declines_training(signal) for group in ours for signal in group.signals),
    )


def _groups(text: str) -> Iterator[_Group]:
    group = _Group()
    for field, value in _lines(text):
        if field == "user-agent":
            if group.lines or group.signals:
                yield group
                group = _Group()
            agent = _agent(value)
            if agent is not None:
                group.agents.append(agent)
        elif field == "content-signal":
            group.signals.append(value)
        elif value:
            group.lines.append(f"{field}: {value}")
        elif not group.lines:
            # "Disallow:" alone allows everything, and ends the list of agents as any rule does.
            group.lines.append("disallow:")
    yield group


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        content = line.partition("#")[0].strip()
        name, _, value = content.partition(":")
        field = _FIELDS.get(name.strip().lower())
        if field is None:  # "Disallow /x", as some write it
            name, _, value = content.partition(" ")
            field = _FIELDS.get(name.lower())
        if field is not None:
            yield field, value.strip()


def _agent(value: str) -> str | None:
    """Return the product token of a user-agent line: what stands before a version or an asterisk."""
    if value.startswith("*"):
        return "*"
    found = _TOKEN.match(value)
    return found[0].lower() if found else None


def _decoded(body: bytes) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode("utf-8", "replace")


def _pack(text: str) -> bytes:
    raw = text.encode()
    return zlib.compress(raw) if len(raw) > _PACKED_FROM else raw
