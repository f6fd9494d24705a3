"""SECURITY.md names what is there, with the values that hold."""

from __future__ import annotations

import re
from typing import Final

import pytest

from connectors.framework.bounds import HEADERS_CHARS
from connectors.framework.lines import LINE_BYTES
from newswire.settings import Settings
from schemas import limits
from schemas.limits import MIB
from schemas.wire import PASSED_ON_BYTES, PROGRESS_BYTES
from streams.enrich.english import MAX_TOKENS
from streams.normalize.admit import LINK_KEY_CHARS
from streams.normalize.page import _MOST_INLINE
from tests.support.require import ROOT

PAGE: Final = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| **", "| limit |"))
]
KIB: Final = 1024
SETTINGS: Final = Settings()
VALUES: Final = {
    "record of `news.raw`": f"{limits.RAW_RECORD_BYTES // MIB} MiB",
    "record of `news.dead-letter`": f"{limits.DEAD_LETTER_RECORD_BYTES // MIB} MiB",
    "record of any other topic": f"{limits.RECORD_BYTES // MIB} MiB",
    "trace context": f"{PASSED_ON_BYTES // KIB} KiB",
    "progress header": f"{PROGRESS_BYTES // KIB} KiB",
    "body": f"{limits.PAGE_BODY_BYTES // MIB} MiB",
    "JSON line": f"{LINE_BYTES // MIB} MiB",
    "native id": f"{limits.NATIVE_ID_CHARS:,} characters",
    "link": f"{limits.URL_CHARS:,} characters",
    "link key": f"{LINK_KEY_CHARS:,} characters",
    "lists": f"{limits.LIST_ITEMS} entries of {limits.LIST_ENTRY_CHARS} characters",
    "response headers kept": f"{HEADERS_CHARS // KIB} KiB",
    "text": f"{limits.TEXT_CHARS:,} code points",
    "title": f"{limits.TITLE_CHARS:,} code points",
    "description": f"{limits.DESCRIPTION_CHARS:,} code points",
    "links and other inline elements": f"{_MOST_INLINE // 2:,};",
    "tokens": f"{MAX_TOKENS:,}",
    "one item in normalize": (
        f"{SETTINGS.normalize_timeout_s:g} s, {SETTINGS.normalize_memory_mib // KIB} GiB of address space"
    ),
    "one article in enrich": (
        f"{SETTINGS.enrich_timeout_s:g} s, {SETTINGS.enrich_memory_mib // KIB} GiB of address space"
    ),
    "in flight": f"{SETTINGS.window_events} events, {SETTINGS.window_mib} MiB",
    "sent by one connector": f"{SETTINGS.connect_unacked_mib} MiB",
    "remembered by dedupe": (
        f"{SETTINGS.dedupe_max_identities:,} articles, {SETTINGS.dedupe_max_near:,} contents"
    ),
}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_row_names_code_and_tests_that_are_there(row: list[str]) -> None:
    _limit, value, code, tests = row
    assert value
    named = {cell: re.findall(r"`([\w./-]+\.py)`", cell) for cell in (code, tests)}
    assert all(named.values())
    assert [path for paths in named.values() for path in paths if not (ROOT / path).is_file()] == []
    assert all(path.startswith("tests/") for path in named[tests])


@pytest.mark.parametrize("limit", VALUES)
def test_values_are_those_of_the_code(limit: str) -> None:
    rows = [row for row in ROWS if re.match(rf"{re.escape(limit)}(?:$|[ ,])", row[0])]
    assert rows, "the page lacks it"
    assert min(rows, key=lambda row: len(row[0]))[1].startswith(VALUES[limit])
