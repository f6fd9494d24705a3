"""Every setting there is, in one object: see `Settings` and ``docs/settings.md``."""

from newswire.settings.load import ConfigError, load_settings
from newswire.settings.model import Settings

__all__ = ["ConfigError", "Settings", "load_settings"]
