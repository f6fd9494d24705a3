"""The limits of reading the web that SECURITY.md publishes are those that hold by default."""

from __future__ import annotations

from typing import Final

import pytest

from connectors.web.limits import DAY_S, Limits
from connectors.web.politeness import Policy
from newswire.settings import Settings
from schemas.limits import MIB
from tests.support.security_page import missing_from

KIB: Final = 1024
LIMITS: Final = Limits()
POLICY: Final = Policy()
DAY: Final = f"{DAY_S / 3600:g} h"
VALUES: Final = {
    "redirects": [f"{LIMITS.redirects},"],
    "time to connect": [f"{LIMITS.connect_s:g} s"],
    "silence": [f"{LIMITS.first_byte_s:g} s"],
    "whole fetch": [f"{LIMITS.total_s:g} s"],
    "on the wire": [f"{LIMITS.wire_bytes // MIB} MiB"],
    "page, decompressed": [f"{LIMITS.body_bytes('page') // MIB} MiB"],
    "feed or sitemap, decompressed": [f"{LIMITS.body_bytes('feed') // MIB} MiB"],
    "ratio of unpacking": [
        f"{LIMITS.ratio}:1",
        f"{LIMITS.ratio_from_bytes // KIB} KiB",
        f"{LIMITS.encodings} codings",
        f"{LIMITS.members:,} members",
    ],
    "headers of an answer": [f"{LIMITS.headers_bytes // KIB} KiB", f"{LIMITS.headers} lines"],
    "error page kept": [f"{LIMITS.error_bytes // KIB} KiB"],
    "times in headers": [DAY],
    "robots.txt": [f"{LIMITS.robots_bytes // KIB} KiB", DAY],
    "robots.txt in memory": [f"{POLICY.robots_bytes // MIB} MiB"],
    "one host": [f"{POLICY.gap_s:g} s", f"{POLICY.crawl_delay_most_s:g} s", f"{POLICY.rest_s:g} s"],
    "all hosts": [f"{Settings().connect_fetches} requests"],
}


@pytest.mark.parametrize("limit", VALUES)
def test_values_are_those_of_the_code(limit: str):
    assert missing_from("Reading the web", limit, VALUES[limit]) == []


def test_the_setting_and_the_policy_agree():
    assert Settings().connect_fetches == POLICY.fetches
