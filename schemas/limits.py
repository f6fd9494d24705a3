"""Sizes that hold at every hop.  Broker, topics, producers, consumers and fetches are set from here."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

RAW_RECORD_BYTES: Final = 12 * MIB
"""Key and value of a record of ``news.raw``, uncompressed; headers have `topics.RECORD_OVERHEAD` beside."""
DEAD_LETTER_RECORD_BYTES: Final = 13 * MIB
"""A record of ``news.dead-letter``: the largest raw record with its headers, and the error headers."""
RECORD_BYTES: Final = 4 * MIB
"""Key and value of a record of any other topic, uncompressed."""

PAGE_BODY_BYTES: Final = 8 * MIB
"""A fetched body, decompressed: base64 of it fits a raw record."""
FEED_ENTRIES: Final = 5_000
"""Entries of one feed that are read; a longer one is flagged ``truncated``."""
TEXT_CHARS: Final = 300_000
"""An article's text in code points; longer is trimmed and flagged ``truncated``."""
TITLE_CHARS: Final = 1_000
DESCRIPTION_CHARS: Final = 10_000
URL_CHARS: Final = 4_096
"""A longer link is no link: the item is identified by its source and native id."""
NATIVE_ID_CHARS: Final = 2_048
LIST_ITEMS: Final = 200
"""Entries of any list that a page fills (bylines, subjects, alternates)."""
LIST_ENTRY_CHARS: Final = 500
MIN_COPY_WORDS: Final = 30
"""Texts with fewer words are never called copies of one another."""
