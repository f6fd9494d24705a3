"""Ask the process that runs beside this one, in one container, how it does: ``python -m newswire.probe readyz``.

It imports little, since it runs every few seconds, and needs no settings but the port.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection
from typing import Final

__all__ = ["main"]

TIMEOUT_S: Final = 5.0


def main(arguments: list[str]) -> int:
    """Print the answer and return 0 where all is well; *arguments* name ``livez`` (unless told) or ``readyz``."""
    what = arguments[0] if arguments else "livez"
    host = os.environ.get("NEWSWIRE_METRICS_HOST", "127.0.0.1")
    here = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not listened on
    connection = HTTPConnection(here, int(os.environ["NEWSWIRE_METRICS_PORT"]), timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"/{what}")
        answer = connection.getresponse()
        said = answer.read().decode()
    except OSError as error:
        print(f"no answer: {error}")  # noqa: T201 - what it is for
        return 1
    print(said, end="")  # noqa: T201
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
