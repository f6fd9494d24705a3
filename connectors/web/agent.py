"""Who we say we are."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from typing import Final

import newswire
from newswire.settings import Settings
from newswire.telemetry.logs import log

__all__ = ["names_contact", "robots_token", "user_agent", "warn_without_contact"]

_CONTACT: Final = re.compile(r"https?://\S|mailto:\S|\S@\S")


def user_agent(settings: Settings) -> str:
    """Return the User-Agent: name, version and whom to ask about us, as the settings say or else the project's
    own page, where it has one.
    """
    if settings.connect_user_agent is not None:
        return settings.connect_user_agent
    contact = settings.connect_contact_url or _project_url()
    return f"newswire/{newswire.__version__}" + (f" (+{contact})" if contact else "")


def names_contact(agent: str) -> bool:
    """Return whether a User-Agent says whom to ask: an address of the web or of mail."""
    return _CONTACT.search(agent) is not None


def warn_without_contact(settings: Settings) -> None:
    """Say in the log that sites cannot tell whom to ask, where that is so: some block such visitors at once."""
    agent = user_agent(settings)
    if not names_contact(agent):
        log.warning(
            "sites cannot tell whom to ask about our visits: set NEWSWIRE_CONNECT_CONTACT_URL",
            user_agent=agent,
        )


def robots_token(agent: str) -> str:
    """Return the product token of a User-Agent, by which robots.txt names us (RFC 9309, 2.2.1)."""
    words = agent.split("/", 1)[0].split()
    return words[0] if words else "newswire"


@cache
def _project_url() -> str | None:
    try:
        urls = metadata("newswire").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a checkout that is not installed
        return None
    found = (each.partition(",")[2].strip() for each in urls)
    return next((url for url in found if url.startswith(("https://", "http://"))), None)
