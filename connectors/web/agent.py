"""Who we say we are."""

from __future__ import annotations

import newswire
from newswire.settings import Settings

__all__ = ["robots_token", "user_agent"]


def user_agent(settings: Settings) -> str:
    """Return the User-Agent: name, version and, where one is set, whom to ask about us."""
    if settings.connect_user_agent is not None:
        return settings.connect_user_agent
    contact = settings.connect_contact_url
    return f"newswire/{newswire.__version__}" + (f" (+{contact})" if contact else "")


def robots_token(agent: str) -> str:
    """Return the product token of a User-Agent, by which robots.txt names us (RFC 9309, 2.2.1)."""
    words = agent.split("/", 1)[0].split()
    return words[0] if words else "newswire"
