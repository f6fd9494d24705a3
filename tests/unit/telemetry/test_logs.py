"""What is logged, by us or by a library, holds no secrets of addresses and headers, and is JSON all the same."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys
from newswire.telemetry.logs import configure_logs, log

configure_logs("info", sys.argv[1])
url = "https://jo:CANARY@example.org/feed?api_key=CANARY&page=2"
log.warning(f"no answer from {url}", url=url, many=[url, {url: ("x", url, 1.5, None, True)}], other=Exception(url))
logging.getLogger("some.library").warning("tried %s with %s", url, {"Authorization": "Bearer CANARY"})
try:
    raise ValueError(f"of {url}: b'Set-Cookie: id=CANARY; Path=/'")
except ValueError:
    log.exception("it failed", url=url)
    logging.getLogger("some.library").exception("it failed")
"""


def said(style: str) -> str:
    done = subprocess.run([sys.executable, "-c", SCRIPT, style], capture_output=True, check=True, timeout=60)
    assert done.stdout == b""
    return done.stderr.decode()


def test_json_lines():
    text = said("json")
    assert "CANARY" not in text
    first, second, third, fourth = map(json.loads, text.splitlines())
    url = "https://***@example.org/feed?api_key=***&page=2"
    assert (first["event"], first["url"], first["level"]) == (f"no answer from {url}", url, "warning")
    assert first["many"] == [url, {url: ["x", url, 1.5, None, True]}]
    assert second["event"].startswith(f"tried {url} with ")
    assert third["exception"][0]["exc_value"].startswith(f"of {url}: ")
    assert fourth["event"] == "it failed"


@pytest.mark.parametrize(
    "what", ["no answer from https://***@example.org/feed?api_key=***", "ValueError: of https"]
)
def test_on_a_terminal(what: str):
    text = said("console")
    assert "CANARY" not in text
    assert what in text.replace("\n", " ")
