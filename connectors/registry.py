"""Every connector there is, by name."""

from __future__ import annotations

import difflib
from typing import Any, Final

from connectors.feeds.connector import FeedsConnector
from connectors.files import FilesConnector
from connectors.framework.connector import Connector
from connectors.framework.errors import ConfigError

__all__ = ["CONNECTORS", "connector_named"]

CONNECTORS: Final[dict[str, type[Connector[Any]]]] = {
    connector.spec.name: connector for connector in (FilesConnector, FeedsConnector)
}


def connector_named(name: str) -> type[Connector[Any]]:
    """Find a connector.

    Raises:
        ConfigError: there is none of this name.
    """
    if name in CONNECTORS:
        return CONNECTORS[name]
    near = difflib.get_close_matches(name, CONNECTORS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(CONNECTORS)}"
    raise ConfigError(f"there is no connector {name}; {hint}")
