"""The limits of reading feeds that SECURITY.md publishes are those that hold."""

from __future__ import annotations

import re
from typing import Final

import pytest

from connectors.feeds import dates, discovery, opml, pages, revisits, window
from connectors.feeds.parsing import charset, children, read, xml
from newswire.cli.sources import LARGEST_LIST
from schemas.limits import FEED_ENTRIES, LIST_ITEMS, MIB, URL_CHARS
from tests.support.security_page import missing_from, section

KIB: Final = 1024
VALUES: Final = {
    "parsing one feed": [f"{children.TIMEOUT_S:g} s", f"{children.MEMORY_MIB} MiB"],
    "entries of a feed": [f"{FEED_ENTRIES:,},"],
    "document type and entities": [f"{xml._MOST_ENTITIES} entities"],
    "what is no XML": [f"{read.LOOSE_BYTES // KIB} KiB"],
    "declared charset": [f"{charset._GUESS_BYTES // KIB} KiB"],
    "dates of entries": [
        f"before {dates._YEARS.start}",
        f"after {dates._YEARS.stop - 1}",
        f"{dates.LONGEST} characters",
    ],
    "feeds that a page names": [f"{discovery._MOST},", f"{discovery._MOST_TAGS:,} tags"],
    "pages of a source that wait": [f"{pages.MOST_PAGES},", f"{pages.MOST_BYTES // KIB} KiB"],
    "pages of a source that are visited again": [
        f"{revisits.MOST_VISITS:,},",
        f"{revisits.MOST_BYTES // KIB} KiB",
    ],
    "entries remembered of a feed": [f"{window.MOST:,},"],
    "list of sources": [f"{LARGEST_LIST // MIB} MiB"],
    "sources of an OPML file": [f"{opml.read._MOST_SOURCES:,};"],
    "folders in an OPML file": [f"{opml.model._DEEPEST} within", f"{LIST_ITEMS} around"],
    "attributes of an outline": [f"{opml.outline.MOST_ATTRIBUTES} of {URL_CHARS:,} characters"],
}


@pytest.mark.parametrize("limit", VALUES)
def test_values_are_those_of_the_code(limit: str):
    assert missing_from("Feeds", limit, VALUES[limit]) == []


def test_no_limit_is_published_without_its_value_here():
    assert set(re.findall(r"^\| ([^|]+?) \| ", section("Feeds"), re.MULTILINE)) == set(VALUES)
