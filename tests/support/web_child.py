"""Fetch URLs in a process of its own, and print what each cost: ``python -m tests.support.web_child``.

Arguments: kind, then URLs.  Prints one JSON object for each URL: result, seconds of CPU, the peak of the
process' memory so far and by how much it grew, bytes.  The first one warms up.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from connectors.web.fetcher import GuardedFetcher
from connectors.web.message import Request


def peak() -> int:
    # Not getrusage: its peak counts the process that this one was forked from.
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) * 1024


async def fetch_all(kind: str, urls: list[str]) -> None:
    fetcher = GuardedFetcher(user_agent="newswire/1")
    for url in urls:
        before, began = peak(), time.process_time()
        request = Request(url=url, kind=kind, allow_hosts=(urlsplit(url).netloc,))  # type: ignore[arg-type]
        response = await fetcher.fetch(request)
        cost = {
            "result": response.result,
            "seconds": time.process_time() - began,
            "growth": peak() - before,
            "peak": peak(),
        }
        print(json.dumps(cost), flush=True)
    await fetcher.close()


if __name__ == "__main__":
    asyncio.run(fetch_all(sys.argv[1], sys.argv[2:]))
